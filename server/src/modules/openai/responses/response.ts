/** The response as an object: what was asked for, said again, and how far it has come. */
import type { Response as SdkResponse, ResponseError, ResponseUsage } from "openai/resources/responses/responses";
import type { ApiError, ErrorKind } from "../../../http/errors.ts";
import type { Usage } from "../../../sessions/index.ts";
import { type Item, newId, wireItem } from "./items.ts";
import type { ResponsesRequest } from "./model.ts";
import { wireTools } from "./tools.ts";

export type Status = NonNullable<SdkResponse["status"]>;
export type EndStatus = Exclude<Status, "queued" | "in_progress">;

/** All but the output. */
export interface ResponseHead {
  id: string;
  object: "response";
  created_at: number;
  status: Status;
  background: boolean;
  completed_at: number | null;
  error: { code: ResponseError["code"] | "context_length_exceeded"; message: string } | null;
  incomplete_details: SdkResponse["incomplete_details"];
  model: string;
  usage: ResponseUsage | null;
  store: boolean;
  previous_response_id: string | null;
  [echoed: string]: unknown;
}

/** @param createdAt milliseconds since the epoch */
export function newHead(body: ResponsesRequest, createdAt: number): ResponseHead {
  return {
    id: newId("resp"),
    object: "response",
    created_at: Math.floor(createdAt / 1000),
    status: body.background ? "queued" : "in_progress",
    background: body.background ?? false,
    completed_at: null,
    error: null,
    incomplete_details: null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    max_tool_calls: body.max_tool_calls ?? null,
    metadata: body.metadata ?? {},
    model: body.model ?? "",
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: body.previous_response_id ?? null,
    prompt_cache_key: body.prompt_cache_key ?? null,
    reasoning: { effort: body.reasoning?.effort ?? null, summary: body.reasoning?.summary ?? null },
    safety_identifier: body.safety_identifier ?? null,
    service_tier: "default",
    store: body.store ?? true,
    temperature: body.temperature ?? null,
    text: { format: body.text?.format ?? { type: "text" }, verbosity: body.text?.verbosity ?? "medium" },
    tool_choice: body.tool_choice ?? "auto",
    tools: wireTools(body.tools ?? []),
    top_logprobs: 0,
    top_p: body.top_p ?? null,
    truncation: body.truncation ?? "disabled",
    usage: null,
    user: body.user ?? null,
  };
}

export const toResponse = (head: ResponseHead, output: readonly Item[], include: ReadonlySet<string>): object => ({
  ...head,
  output: output.map((item) => wireItem(item, include)),
});

export const isOver = (status: Status): status is EndStatus => status !== "queued" && status !== "in_progress";

export function toUsage(usage: Usage): ResponseUsage {
  const input = usage.inputTokens + usage.cacheReadTokens + usage.cacheCreationTokens;
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: usage.cacheReadTokens, cache_write_tokens: usage.cacheCreationTokens },
    output_tokens: usage.outputTokens,
    // The Messages API does not count them apart.
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: input + usage.outputTokens,
  };
}

/** A failure as a response tells of it. The codes are few; agents look for one beyond those that are documented. */
export const toResponseError = ({ kind, message, details }: ApiError): NonNullable<ResponseHead["error"]> => ({
  code: details.code === contextTooLong ? contextTooLong : (codes[kind] ?? "server_error"),
  message,
});

const contextTooLong = "context_length_exceeded";
const codes: Partial<Record<ErrorKind, ResponseError["code"]>> = {
  invalid_request: "invalid_prompt",
  unprocessable: "invalid_prompt",
  too_large: "invalid_prompt",
  rate_limit: "rate_limit_exceeded",
};
