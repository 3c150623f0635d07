import type { ResponseReasoningItem } from "openai/resources/responses/responses";
import type { BlockDelta } from "../../../../sessions/index.ts";
import { type Item, newItemId } from "../items.ts";
import { sealThinking } from "../thinking.ts";
import type { Emit, ItemWriter } from "./writer.ts";

export interface ReasoningOptions {
  /** Whether it is shown in words. */
  summary: boolean;
  /** Thinking that the model keeps to itself. */
  redacted?: string;
  /** As the client is to see it. */
  wire: (item: Item) => object;
}

/** The model's thinking: in words for who wants to see them, sealed for the next request. */
export class ReasoningWriter implements ItemWriter {
  readonly #emit: Emit;
  readonly #options: ReasoningOptions;
  readonly #id = newItemId("reasoning");
  readonly #place = { item_id: this.#id, summary_index: 0 };
  #thinking = "";
  #signature = "";
  #shown = false;

  constructor(emit: Emit, options: ReasoningOptions) {
    this.#emit = emit;
    this.#options = options;
  }

  open(): void {
    const item = { type: "reasoning" as const, id: this.#id, summary: [], status: "in_progress" as const };
    this.#emit({ type: "response.output_item.added", item });
  }

  extend(delta: BlockDelta): void {
    if (delta.type === "signature") this.#signature += delta.signature;
    if (delta.type !== "thinking" || delta.thinking === "") return;
    this.#thinking += delta.thinking;
    if (!this.#options.summary) return;
    if (!this.#shown) this.#emit({ type: "response.reasoning_summary_part.added", ...this.#place, part: part("") });
    this.#shown = true;
    this.#emit({ type: "response.reasoning_summary_text.delta", ...this.#place, delta: delta.thinking });
  }

  close(status: "completed" | "incomplete"): Item {
    const { redacted, wire } = this.#options;
    const text = this.#thinking;
    if (this.#shown) {
      this.#emit({ type: "response.reasoning_summary_text.done", ...this.#place, text });
      this.#emit({ type: "response.reasoning_summary_part.done", ...this.#place, part: part(text) });
    }
    const item = {
      type: "reasoning" as const,
      id: this.#id,
      status,
      summary: this.#shown ? [part(text)] : [],
      encrypted_content:
        redacted === undefined ? this.#sealed() : sealThinking({ type: "redacted_thinking", data: redacted }),
    };
    this.#emit({ type: "response.output_item.done", item: wire(item) as ResponseReasoningItem });
    return item;
  }

  /** Thinking that was cut off has no signature, and the model would not take it back. */
  #sealed(): string | null {
    if (this.#signature === "") return null;
    return sealThinking({ type: "thinking", thinking: this.#thinking, signature: this.#signature });
  }
}

const part = (text: string) => ({ type: "summary_text" as const, text });
