import type { BlockDelta } from "../../../../sessions/index.ts";
import { type Item, newItemId } from "../items.ts";
import type { Emit, ItemWriter } from "./writer.ts";

/** Text of the model: one message with one part. */
export class MessageWriter implements ItemWriter {
  readonly #emit: Emit;
  readonly #place = { item_id: newItemId("message"), content_index: 0 };
  #text = "";

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  open(): void {
    const item = { id: this.#place.item_id, type: "message", role: "assistant", status: "in_progress" } as const;
    this.#emit({ type: "response.output_item.added", item: { ...item, content: [] } });
    this.#emit({ type: "response.content_part.added", ...this.#place, part: part("") });
  }

  extend(delta: BlockDelta): void {
    if (delta.type !== "text") return;
    this.#text += delta.text;
    this.#emit({ type: "response.output_text.delta", ...this.#place, delta: delta.text, logprobs: [] });
  }

  close(status: "completed" | "incomplete"): Item {
    const content = [part(this.#text)];
    const item = { id: this.#place.item_id, type: "message", role: "assistant", status, content } as const;
    this.#emit({ type: "response.output_text.done", ...this.#place, text: this.#text, logprobs: [] });
    this.#emit({ type: "response.content_part.done", ...this.#place, part: part(this.#text) });
    this.#emit({ type: "response.output_item.done", item });
    return item;
  }
}

const part = (text: string) => ({ type: "output_text" as const, text, annotations: [], logprobs: [] });
