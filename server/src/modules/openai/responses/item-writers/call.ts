import type { BlockDelta } from "../../../../sessions/index.ts";
import { type Item, newItemId } from "../items.ts";
import type { CallName } from "../tools.ts";
import type { Emit, ItemWriter } from "./writer.ts";

/** A call of a function: its arguments as the model writes them. */
export class CallWriter implements ItemWriter {
  readonly #emit: Emit;
  readonly #id = newItemId("function_call");
  readonly #call: { call_id: string; name: string; namespace?: string };
  #arguments = "";

  constructor(emit: Emit, callId: string, { name, namespace }: CallName) {
    this.#emit = emit;
    this.#call = { call_id: callId, name, ...(namespace === undefined ? {} : { namespace }) };
  }

  open(): void {
    this.#emit({ type: "response.output_item.added", item: this.#item("in_progress") });
  }

  extend(delta: BlockDelta): void {
    if (delta.type !== "input_json" || delta.json === "") return;
    this.#arguments += delta.json;
    this.#emit({ type: "response.function_call_arguments.delta", item_id: this.#id, delta: delta.json });
  }

  close(status: "completed" | "incomplete"): Item {
    // The model says nothing where there is nothing to say.
    if (this.#arguments === "" && status === "completed") this.extend({ type: "input_json", json: "{}" });
    this.#emit({
      type: "response.function_call_arguments.done",
      item_id: this.#id,
      arguments: this.#arguments,
    });
    const item = this.#item(status);
    this.#emit({ type: "response.output_item.done", item });
    return item;
  }

  #item<S extends "in_progress" | "completed" | "incomplete">(status: S) {
    return { type: "function_call" as const, id: this.#id, ...this.#call, arguments: this.#arguments, status };
  }
}
