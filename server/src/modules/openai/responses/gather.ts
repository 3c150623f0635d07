/** Puts words that come within a tenth of a second together, so that what is written down of a reply stays small. */
import type { Clock } from "../../../sessions/clock.ts";
import type { BlockDelta, ReplyEvent } from "../../../sessions/index.ts";

const gatherMs = 100;

export class Gatherer implements Disposable {
  readonly #clock: Clock;
  readonly #sink: (event: ReplyEvent) => void;
  #held: Extract<ReplyEvent, { type: "block_delta" }> | undefined;
  #timer: Disposable | undefined;

  /** @param sink gets each event, in order */
  constructor(clock: Clock, sink: (event: ReplyEvent) => void) {
    this.#clock = clock;
    this.#sink = sink;
  }

  push(event: ReplyEvent): void {
    if (event.type !== "block_delta") {
      this.flush();
      this.#sink(event);
      return;
    }
    const together = this.#held?.index === event.index ? joined(this.#held.delta, event.delta) : null;
    if (together === null) this.flush();
    this.#held = { ...event, delta: together ?? event.delta };
    this.#timer ??= this.#clock.after(gatherMs, () => this.flush());
  }

  flush(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    const held = this.#held;
    this.#held = undefined;
    if (held) this.#sink(held);
  }

  [Symbol.dispose](): void {
    this.flush();
  }
}

function joined(before: BlockDelta, after: BlockDelta): BlockDelta | null {
  if (before.type === "text" && after.type === "text") return { type: "text", text: before.text + after.text };
  if (before.type === "thinking" && after.type === "thinking")
    return { type: "thinking", thinking: before.thinking + after.thinking };
  if (before.type === "input_json" && after.type === "input_json")
    return { type: "input_json", json: before.json + after.json };
  return null;
}
