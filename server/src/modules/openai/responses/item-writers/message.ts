import type { BlockDelta } from "../../../../sessions/index.ts";
import { type Item, newItemId } from "../items.ts";
import type { Emit, ItemWriter } from "./writer.ts";

/** Text of the model, or its refusal of what was asked for: one message with one part. */
export class MessageWriter implements ItemWriter {
  readonly #emit: Emit;
  readonly #place = { item_id: newItemId("message"), content_index: 0 };
  readonly #kind: "text" | "refusal";
  #text = "";

  constructor(emit: Emit, kind: "text" | "refusal" = "text") {
    this.#emit = emit;
    this.#kind = kind;
  }

  open(): void {
    const item = { id: this.#place.item_id, type: "message", role: "assistant", status: "in_progress" } as const;
    this.#emit({ type: "response.output_item.added", item: { ...item, content: [] } });
    this.#emit({ type: "response.content_part.added", ...this.#place, part: this.#part() });
  }

  extend(delta: BlockDelta): void {
    if (delta.type !== "text") return;
    this.#text += delta.text;
    if (this.#kind === "refusal") this.#emit({ type: "response.refusal.delta", ...this.#place, delta: delta.text });
    else this.#emit({ type: "response.output_text.delta", ...this.#place, delta: delta.text, logprobs: [] });
  }

  close(status: "completed" | "incomplete"): Item {
    const part = this.#part();
    const content = [part];
    const item = { id: this.#place.item_id, type: "message", role: "assistant", status, content } as const;
    if (this.#kind === "refusal") this.#emit({ type: "response.refusal.done", ...this.#place, refusal: this.#text });
    else this.#emit({ type: "response.output_text.done", ...this.#place, text: this.#text, logprobs: [] });
    this.#emit({ type: "response.content_part.done", ...this.#place, part });
    this.#emit({ type: "response.output_item.done", item });
    return item;
  }

  #part() {
    return this.#kind === "refusal"
      ? { type: "refusal" as const, refusal: this.#text }
      : { type: "output_text" as const, text: this.#text, annotations: [], logprobs: [] };
  }
}
