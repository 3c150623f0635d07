/**
 * Writes down what a job does while it does it: its words in pieces of a tenth of a second, its tools, its states. What
 * is kept is bounded; the oldest goes first, since somebody who watches wants to see the latest.
 */
import type { Clock } from "../sessions/clock.ts";
import type { SessionEvent } from "../sessions/index.ts";
import type { JobEventStore } from "../store/job-event-store.ts";
import { BoundedLog } from "./bounded-log.ts";

/** Milliseconds for which words are gathered before they are written down. */
const gatherMs = 100;
/** Characters and events kept of one job. */
const maxCharacters = 4 * 1024 * 1024;
const maxEvents = 10_000;
/** Characters of one tool's input or result. */
const maxDetail = 16 * 1024;
/** Characters kept of all that was said; the end of it. */
export const outputCapacity = 1024 * 1024;

export interface RecorderParts {
  store: JobEventStore;
  clock: Clock;
  /** Told after each event. */
  onEvent: () => void;
  /** Told when an event could not be kept; the job goes on. */
  onFailure: (error: unknown) => void;
}

export class Recorder implements Disposable {
  readonly #job: number;
  readonly #parts: RecorderParts;
  readonly #log = new BoundedLog(maxEvents, maxCharacters);
  #text = "";
  #timer: Disposable | undefined;
  #output = "";

  constructor(job: number, parts: RecorderParts) {
    this.#job = job;
    this.#parts = parts;
  }

  /** All that was said so far, or the end of it. */
  get output(): string {
    return this.#output.slice(-outputCapacity);
  }

  push(event: SessionEvent): void {
    switch (event.type) {
      case "block_start":
        // Words of two messages do not run together.
        if (event.block.type === "text" && this.#output !== "") this.#say("\n\n");
        break;
      case "block_delta":
        if (event.delta.type === "text") this.#say(event.delta.text);
        break;
      case "assistant":
        for (const block of event.content) {
          if (block.type !== "tool_use") continue;
          this.write("tool_use", { id: block.id, name: block.name, ...inputOf(block.input) });
        }
        break;
      case "tool_result": {
        const { tool_use_id: id, is_error: isError, content } = event.result;
        const text = content.map((part) => (part.type === "text" ? part.text : `[${part.type}]`)).join("\n");
        this.write("tool_result", { tool_use_id: id, is_error: isError, text: clipped(text) });
        break;
      }
      case "retry":
        this.write("retry", { attempt: event.attempt, delay_ms: event.delayMs, status: event.status });
        break;
      case "started":
        this.write("started", { session_id: event.sessionId, model: event.model });
        break;
      // A job's tools are the session's own: no client holds a call of one.
      case "calls_held":
      case "message_start":
      case "block_stop":
      case "message_stop":
      case "result":
    }
  }

  write(type: string, data: object): void {
    this.#flush();
    this.#keep(type, JSON.stringify(data));
  }

  [Symbol.dispose](): void {
    this.#flush();
  }

  #say(text: string): void {
    this.#output += text;
    // Seldom: cutting copies all of it.
    if (this.#output.length > 2 * outputCapacity) this.#output = this.#output.slice(-outputCapacity);
    this.#text += text;
    if (this.#text.length > maxDetail) this.#flush();
    else this.#timer ??= this.#parts.clock.after(gatherMs, () => this.#flush());
  }

  #flush(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    if (this.#text === "") return;
    const text = this.#text;
    this.#text = "";
    this.#keep("output", JSON.stringify({ text }));
  }

  #keep(type: string, data: string): void {
    const { store, onEvent, onFailure } = this.#parts;
    try {
      const id = store.add(this.#job, type, data);
      const oldest = this.#log.add(id, data.length);
      if (oldest !== undefined) store.forgetThrough(this.#job, oldest);
    } catch (error) {
      onFailure(error);
    }
    onEvent();
  }
}

/** Whole, or the beginning of it as text. */
function inputOf(input: unknown): { input: unknown } | { input_text: string } {
  const text = JSON.stringify(input) ?? "null";
  return text.length > maxDetail ? { input_text: clipped(text) } : { input };
}

const clipped = (text: string): string => (text.length > maxDetail ? `${text.slice(0, maxDetail)}…` : text);
