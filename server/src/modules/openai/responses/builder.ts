/**
 * Makes the events of one response from those of its turn, one by one, and with them the response itself. Whatever
 * happens, the events begin with `response.created`, every item that is added is done, and there is one end.
 */
import type {
  ResponseCompletedEvent,
  ResponseFailedEvent,
  ResponseIncompleteEvent,
  ResponseStreamEvent,
} from "openai/resources/responses/responses";
import type { ApiError } from "../../../http/errors.ts";
import type { BlockDelta, BlockStart, ReplyEvent, StopReason } from "../../../sessions/index.ts";
import { CallWriter } from "./item-writers/call.ts";
import { CustomCallWriter } from "./item-writers/custom-call.ts";
import { MessageWriter } from "./item-writers/message.ts";
import { ReasoningWriter } from "./item-writers/reasoning.ts";
import type { Emit, ItemEvent, ItemWriter } from "./item-writers/writer.ts";
import { type Item, wireItem } from "./items.ts";
import { type EndStatus, type ResponseHead, toResponse, toResponseError, toUsage } from "./response.ts";
import type { CallName } from "./tools.ts";

export interface BuilderOptions {
  head: ResponseHead;
  /** Whether the model's thinking is shown in words. */
  summary: boolean;
  include: ReadonlySet<string>;
  /** Tools by the name that the session knows. */
  names: ReadonlyMap<string, CallName>;
  /** Milliseconds since the epoch. */
  now: () => number;
}

export class ResponseBuilder {
  readonly #options: BuilderOptions;
  readonly #output: Item[] = [];
  readonly #events: ResponseStreamEvent[] = [];
  #head: ResponseHead;
  #sequence = 0;
  #created = false;
  #under: ItemWriter | undefined;

  constructor(options: BuilderOptions) {
    this.#options = options;
    this.#head = options.head;
  }

  get head(): ResponseHead {
    return this.#head;
  }

  /** Items that are done. */
  get output(): readonly Item[] {
    return this.#output;
  }

  /** The response as it is now. */
  get response(): object {
    return toResponse(this.#head, this.#output, this.#options.include);
  }

  /** It waits for its turn. */
  queue(): ResponseStreamEvent[] {
    this.#create();
    this.#emitResponse("response.queued");
    return this.#take();
  }

  push(event: ReplyEvent): ResponseStreamEvent[] {
    switch (event.type) {
      case "start":
        this.#begin(event.model);
        break;
      case "block_start":
        if (event.refusal) this.#add(new MessageWriter(this.#emit, "refusal"));
        else this.#open(event.block);
        break;
      case "block_delta":
        this.#extend(event.delta);
        break;
      case "block_stop":
        // Text goes on after the CLI's own tools: it is one message until something else comes.
        if (!(this.#under instanceof MessageWriter)) this.#close("completed");
        break;
      case "stop": {
        const { status, reason } = ends[event.stopReason];
        this.#close(status === "completed" ? "completed" : "incomplete");
        this.#head = { ...this.#head, usage: toUsage(event.usage) };
        this.#end(status, { incomplete_details: reason === null ? null : { reason } });
        break;
      }
    }
    return this.#take();
  }

  /** It ends with a failure, wherever it was. */
  fail(error: ApiError): ResponseStreamEvent[] {
    this.#break();
    this.#end("failed", { error: toResponseError(error) });
    return this.#take();
  }

  /** Somebody ended it. */
  cancel(): ResponseStreamEvent[] {
    this.#break();
    this.#end("cancelled", {});
    return this.#take();
  }

  #begin(model: string): void {
    this.#head = { ...this.#head, status: "in_progress", model };
    this.#create();
    this.#emitResponse("response.in_progress");
  }

  #create(): void {
    if (this.#created) return;
    this.#created = true;
    this.#emitResponse("response.created");
  }

  #open(block: BlockStart): void {
    const { summary, include, names } = this.#options;
    switch (block.type) {
      case "text":
        // It begins with its first word.
        return;
      case "thinking":
      case "redacted_thinking":
        return this.#add(
          new ReasoningWriter(this.#emit, {
            summary,
            wire: (item) => wireItem(item, include),
            ...(block.type === "thinking" ? {} : { redacted: block.data }),
          }),
        );
      case "tool_use": {
        const call = names.get(block.name) ?? { type: "function", name: block.name, namespace: undefined };
        const Writer = call.type === "custom" ? CustomCallWriter : CallWriter;
        return this.#add(new Writer(this.#emit, block.id, call));
      }
    }
  }

  #extend(delta: BlockDelta): void {
    if (delta.type === "text") {
      if (delta.text === "") return;
      if (!(this.#under instanceof MessageWriter)) this.#add(new MessageWriter(this.#emit));
    }
    this.#under?.extend(delta);
  }

  #add(writer: ItemWriter): void {
    this.#close("completed");
    this.#under = writer;
    writer.open();
  }

  #close(status: "completed" | "incomplete"): void {
    const writer = this.#under;
    this.#under = undefined;
    if (writer) this.#output.push(writer.close(status));
  }

  #break(): void {
    this.#create();
    this.#close("incomplete");
  }

  #end(status: EndStatus, more: Partial<ResponseHead>): void {
    const completed = status === "completed" ? Math.floor(this.#options.now() / 1000) : null;
    this.#head = { ...this.#head, ...more, status, completed_at: completed };
    this.#emitResponse(endEvents[status]);
  }

  readonly #emit: Emit = (event: ItemEvent) => {
    const output_index = this.#output.length;
    this.#events.push({ ...event, output_index, sequence_number: this.#sequence++ });
  };

  #emitResponse(type: ResponseEvent["type"]): void {
    const sequence_number = this.#sequence++;
    this.#events.push({ type, sequence_number, response: this.response } as ResponseStreamEvent);
  }

  #take(): ResponseStreamEvent[] {
    return this.#events.splice(0);
  }
}

type ResponseEvent = Extract<ResponseStreamEvent, { response: unknown }>;

const ends: Record<StopReason, { status: "completed" | "incomplete"; reason: IncompleteReason | null }> = {
  end_turn: { status: "completed", reason: null },
  stop_sequence: { status: "completed", reason: null },
  pause_turn: { status: "completed", reason: null },
  tool_use: { status: "completed", reason: null },
  max_tokens: { status: "incomplete", reason: "max_output_tokens" },
  model_context_window_exceeded: { status: "incomplete", reason: "max_output_tokens" },
  refusal: { status: "incomplete", reason: "content_filter" },
};
type IncompleteReason = "max_output_tokens" | "content_filter";

/** There is no event for a cancelled one; its status tells. */
const endEvents: Record<EndStatus, (ResponseCompletedEvent | ResponseFailedEvent | ResponseIncompleteEvent)["type"]> = {
  completed: "response.completed",
  incomplete: "response.incomplete",
  cancelled: "response.incomplete",
  failed: "response.failed",
};
