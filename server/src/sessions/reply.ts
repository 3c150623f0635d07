/**
 * What a client sees of a turn: one message, or one for each time that it is asked to call its own tools. The CLI may call
 * the model several times with tools of its own in between; those calls stay hidden, block numbers only grow, and text
 * that goes on after one begins a new paragraph. Both wire
 * families and the fingerprint of the finished conversation are made from this, so that what a client sends back is
 * what is looked up.
 */
import { Content } from "./content.ts";
import type { AssistantBlock } from "./conversation.ts";
import { type BlockDelta, type BlockStart, noUsage, type SessionEvent, type StopReason, type Usage } from "./events.ts";

export type ReplyEvent =
  | { type: "start"; id: string; model: string; usage: Usage }
  /** `refusal`: text that stands where a document was asked for. */
  | { type: "block_start"; index: number; block: BlockStart; refusal?: boolean }
  | { type: "block_delta"; index: number; delta: BlockDelta }
  | { type: "block_stop"; index: number }
  | { type: "stop"; stopReason: StopReason; stopSequence: string | null; usage: Usage };

/** Put where text goes on after a hidden call. */
const paragraph = "\n\n";

/**
 * Puts a reply together, event by event.
 *
 * @example
 * ```ts
 * import { createSessions, Reply, textOf } from "@lodge/server/sessions";
 *
 * await using sessions = createSessions();
 * const reply = new Reply({ thinking: false });
 * for await (const event of sessions.complete([{ role: "user", content: "Hello" }], { mode: "model" })) {
 *   for (const seen of reply.push(event)) if (seen.type === "stop") console.log(seen.stopReason);
 * }
 * console.log(textOf(reply.content));
 * ```
 */
export class Reply {
  readonly #content = new Content();
  #started = false;
  /** Visible index of the open block; undefined while a hidden one is open. */
  #open: number | undefined;
  #hiddenCall = false;
  #model = "";
  readonly #thinking: boolean;
  #last: { stopReason: StopReason; stopSequence: string | null } = { stopReason: "end_turn", stopSequence: null };

  /** @param options.thinking whether thinking is part of what the client sees */
  constructor({ thinking = true }: { thinking?: boolean } = {}) {
    this.#thinking = thinking;
  }

  /** The visible message so far. */
  get content(): AssistantBlock[] {
    return this.#content.blocks;
  }

  push(event: SessionEvent): ReplyEvent[] {
    switch (event.type) {
      case "started":
        this.#model = event.model;
        return [];
      case "message_start":
        return this.#start(event.id, event.model, event.usage);
      case "block_start":
        return this.#blockStart(event.block, event.byClient ?? false, event.refusal ?? false);
      case "block_delta":
        return this.#blockDelta(event.delta);
      case "block_stop":
        return this.#blockStop();
      case "message_stop":
        this.#last = event;
        return [];
      case "calls_held":
        return [...this.#blockStop(), { type: "stop", stopReason: "tool_use", stopSequence: null, usage: event.usage }];
      case "result":
        return this.#finish(event);
      case "assistant":
      case "tool_result":
      case "retry":
        return [];
    }
  }

  #start(id: string, model: string, usage: Usage): ReplyEvent[] {
    if (this.#started) return [];
    this.#started = true;
    return [{ type: "start", id, model, usage }];
  }

  #blockStart(block: BlockStart, byClient = false, refusal = false): ReplyEvent[] {
    if (block.type === "tool_use" && !byClient) {
      this.#hiddenCall = true;
      this.#open = undefined;
      return [];
    }
    if (!this.#thinking && (block.type === "thinking" || block.type === "redacted_thinking")) {
      this.#open = undefined;
      return [];
    }
    const goesOn = block.type === "text" && this.#hiddenCall && this.content.some((other) => other.type === "text");
    const index = this.#content.open(block);
    this.#open = index;
    const events: ReplyEvent[] = [{ type: "block_start", index, block, ...(refusal ? { refusal } : {}) }];
    if (goesOn) events.push(...this.#blockDelta({ type: "text", text: paragraph }));
    if (block.type === "text") this.#hiddenCall = false;
    return events;
  }

  #blockDelta(delta: BlockDelta): ReplyEvent[] {
    if (this.#open === undefined) return [];
    this.#content.extend(delta);
    return [{ type: "block_delta", index: this.#open, delta }];
  }

  #blockStop(): ReplyEvent[] {
    if (this.#open === undefined) return [];
    const index = this.#open;
    this.#open = undefined;
    this.#content.close();
    return [{ type: "block_stop", index }];
  }

  #finish(result: Extract<SessionEvent, { type: "result" }>): ReplyEvent[] {
    const events: ReplyEvent[] = [];
    // Some answers of the CLI itself come without a model message, such as that of a slash command.
    if (!this.#started) {
      events.push(...this.#start(`msg_${crypto.randomUUID().replaceAll("-", "")}`, this.#model, noUsage));
      if (result.text !== "") {
        events.push(...this.#blockStart({ type: "text" }));
        events.push(...this.#blockDelta({ type: "text", text: result.text }));
      }
    }
    events.push(...this.#blockStop());
    const stop = result.stopReason === "pause_turn" ? result : this.#last;
    // The CLI's own tool calls are over once there is a result.
    const stopReason = stop.stopReason === "tool_use" ? "end_turn" : stop.stopReason;
    events.push({ type: "stop", stopReason, stopSequence: stop.stopSequence, usage: result.usage });
    return events;
  }
}
