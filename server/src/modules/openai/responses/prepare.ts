/** From a request to all that its turn needs: the conversation put together, items named, tools translated. */
import { type Caller, requireOwn } from "../../../auth/caller.ts";
import { ApiError } from "../../../http/errors.ts";
import type { ResponseStore } from "../../../store/response-store.ts";
import type { AskedFormat } from "../../turns/format.ts";
import { openaiEffort } from "../../turns/thinking.ts";
import type { FamilyRequest } from "../../turns/turns.ts";
import { anyObject, askedFormat } from "../format.ts";
import { toConversation } from "./conversation.ts";
import type { HostedItem, InputItem, ItemReference } from "./input.ts";
import { type Item, withId } from "./items.ts";
import type { ResponsesRequest } from "./model.ts";
import { isOver, type Status } from "./response.ts";
import { type CallName, readTools } from "./tools.ts";

export interface Prepared {
  family: FamilyRequest;
  /** What this request added to the conversation. */
  input: Item[];
  names: ReadonlyMap<string, CallName>;
  include: ReadonlySet<string>;
  /** Whether the model's thinking is shown in words. */
  summary: boolean;
}

/** @throws ApiError that names the field */
export function prepare(body: ResponsesRequest, store: ResponseStore, caller: Caller): Prepared {
  const before = body.previous_response_id == null ? [] : previousItems(body.previous_response_id, store, caller);
  const all = body.input.map((item, index) => named(item, index, store, caller));
  const left = new Set(all.flatMap((item) => (item.type === "hosted" ? [`input.${item.hosted}`] : [])));
  const { tools, toolChoice, names, ignored } = readTools(body);
  const { system, messages } = toConversation([...before, ...all], before.length);
  const include = new Set<string>(body.include ?? []);
  const { effort, summary } = body.reasoning ?? {};
  const instructions = [body.instructions ?? "", system ?? ""].filter((text) => text !== "");
  return {
    family: {
      model: body.model ?? undefined,
      system: instructions.length === 0 ? undefined : instructions.join("\n\n"),
      messages,
      ...openaiEffort(effort, "reasoning.effort"),
      ...(tools.length === 0 ? {} : { tools }),
      ...(toolChoice === undefined ? {} : { toolChoice }),
      ...(body.parallel_tool_calls == null ? {} : { parallelToolCalls: body.parallel_tool_calls }),
      outputFormat: readFormat(body.text?.format),
      live: body.stream ?? false,
      maxTokens: body.max_output_tokens ?? undefined,
      thinking: (effort != null && effort !== "none") || summary != null || include.has("reasoning.encrypted_content"),
      ignored: [...withoutEffect(body), ...ignored, ...left],
    },
    input: all.filter((item) => item.type !== "hosted"),
    names,
    include,
    summary: summary != null,
  };
}

function readFormat(format: NonNullable<ResponsesRequest["text"]>["format"]): AskedFormat | undefined {
  switch (format?.type) {
    case "json_schema":
      return askedFormat(format, "text.format.schema");
    case "json_object":
      return anyObject("text.format");
    case "text":
    case undefined:
      return undefined;
  }
}

/** Accepted, without effect on what the CLI sends. */
function withoutEffect(body: ResponsesRequest): string[] {
  const given = ["temperature", "top_p", "max_tool_calls", "context_management"].filter((name) => body[name] != null);
  const tier = body.service_tier ?? "auto";
  return [
    ...given,
    ...(tier === "auto" || tier === "default" ? [] : ["service_tier"]),
    ...(body.text?.verbosity == null || body.text.verbosity === "medium" ? [] : ["text.verbosity"]),
    ...(body.truncation === "auto" ? ["truncation"] : []),
  ];
}

/** What was said up to and with an earlier response. */
function previousItems(id: string, store: ResponseStore, caller: Caller): Item[] {
  const param = "previous_response_id";
  const record = store.get(id);
  if (!record) {
    throw new ApiError(
      "invalid_request",
      `Previous response with id '${id}' not found. It was not stored, or it is deleted or forgotten.`,
      { param, code: "previous_response_not_found" },
    );
  }
  requireOwn(caller, record, `The previous response ${id}`);
  if (!isOver(record.status as Status)) {
    throw new ApiError("conflict", `The previous response ${id} is not over yet; it is ${record.status}.`, {
      param,
      code: "previous_response_in_progress",
      retryAfter: 1,
    });
  }
  if (record.status === "failed") {
    throw new ApiError(
      "invalid_request",
      `The previous response ${id} has failed, so there is nothing to go on from. Go on from the one before it.`,
      { param, code: "previous_response_failed" },
    );
  }
  const items = store.conversation(id);
  if (items) return items.map(({ data }) => JSON.parse(data) as Item);
  throw new ApiError(
    "invalid_request",
    `A response that ${id} goes on from is deleted, so its conversation is not complete any more.`,
    { param, code: "previous_response_not_found" },
  );
}

function named(item: InputItem, index: number, store: ResponseStore, { owner }: Caller): Item | HostedItem {
  if (item.type === "hosted") return item;
  if (item.type !== "item_reference") return withId(item);
  const { id } = item satisfies ItemReference;
  const found = store.item(id, owner);
  if (found) return JSON.parse(found.data) as Item;
  throw new ApiError(
    "invalid_request",
    `input.${index}.id: Item with id '${id}' not found. Items are kept with store.`,
    {
      param: `input.${index}.id`,
      code: "item_not_found",
    },
  );
}
