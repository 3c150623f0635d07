import type { ResponseCustomToolCall } from "openai/resources/responses/responses";
import type { BlockDelta } from "../../../../sessions/index.ts";
import { InputReader } from "../../custom/input-reader.ts";
import { type Item, newItemId } from "../items.ts";
import type { CallName } from "../tools.ts";
import type { Emit, ItemWriter } from "./writer.ts";

/** A call of a tool that takes text of any form: taken out of the one field that the model writes it into. */
export class CustomCallWriter implements ItemWriter {
  readonly #emit: Emit;
  readonly #id = newItemId("custom_tool_call");
  readonly #call: { call_id: string; name: string; namespace?: string };
  readonly #reader = new InputReader();
  #input = "";

  constructor(emit: Emit, callId: string, { name, namespace }: CallName) {
    this.#emit = emit;
    this.#call = { call_id: callId, name, ...(namespace === undefined ? {} : { namespace }) };
  }

  open(): void {
    this.#emit({ type: "response.output_item.added", item: this.#item("in_progress") });
  }

  extend(delta: BlockDelta): void {
    if (delta.type === "input_json") this.#say(this.#reader.push(delta.json));
  }

  close(status: "completed" | "incomplete"): Item {
    this.#say(this.#reader.end());
    this.#emit({ type: "response.custom_tool_call_input.done", item_id: this.#id, input: this.#input });
    const item = this.#item(status);
    this.#emit({ type: "response.output_item.done", item });
    return item;
  }

  #say(delta: string): void {
    if (delta === "") return;
    this.#input += delta;
    this.#emit({ type: "response.custom_tool_call_input.delta", item_id: this.#id, delta });
  }

  #item<S extends "in_progress" | "completed" | "incomplete">(status: S) {
    const call: ResponseCustomToolCall = { type: "custom_tool_call", ...this.#call, input: this.#input };
    return { ...call, id: this.#id, status };
  }
}
