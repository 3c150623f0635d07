import type { ResponseStreamEvent } from "openai/resources/responses/responses";
/** What the writers of the several kinds of items have in common: an item is opened, extended, and closed once. */
import type { BlockDelta } from "../../../../sessions/index.ts";
import type { Item } from "../items.ts";

type Without<T, K extends string> = T extends unknown ? Omit<T, K> : never;

/** An event of an item, as yet without its place among the others. */
export type ItemEvent = Without<
  Extract<ResponseStreamEvent, { output_index: number }>,
  "output_index" | "sequence_number"
>;

export type Emit = (event: ItemEvent) => void;

export interface ItemWriter {
  open(): void;
  extend(delta: BlockDelta): void;
  /** The item, which is done. */
  close(status: "completed" | "incomplete"): Item;
}
