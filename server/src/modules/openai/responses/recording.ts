/** Keeps a response while it is made, so that whoever is told of an event finds what it says. */
import type { ResponseStreamEvent } from "openai/resources/responses/responses";
import { BoundedLog } from "../../../jobs/bounded-log.ts";
import type { ResponseStore } from "../../../store/response-store.ts";
import type { ResponseBuilder } from "./builder.ts";
import type { Item } from "./items.ts";
import { isOver } from "./response.ts";

/** Characters and events kept of one stream; past that the oldest cannot be had any more. */
const maxCharacters = 32 * 1024 * 1024;
const maxEvents = 50_000;

export interface RecordingParts {
  store: ResponseStore;
  builder: ResponseBuilder;
  input: readonly Item[];
  /** The API key that it is made with; null for the server's own token. */
  owner: string | null;
  /** Whether its events are kept too. */
  events: boolean;
  now: () => number;
  /** Told when something could not be kept; the response goes on. */
  onFailure: (error: unknown) => void;
}

export class Recording {
  readonly #parts: RecordingParts;
  readonly #log = new BoundedLog(maxEvents, maxCharacters);
  #seq: number | undefined;
  #status: string;

  constructor(parts: RecordingParts) {
    this.#parts = parts;
    this.#status = parts.builder.head.status;
  }

  /** Keeps what the builder has just made. */
  keep(events: readonly ResponseStreamEvent[]): void {
    if (events.length === 0) return;
    try {
      this.#parts.store.atomically(() => this.#write(events));
    } catch (error) {
      this.#parts.onFailure(error);
    }
  }

  #write(events: readonly ResponseStreamEvent[]): void {
    const { store, builder, input, owner, now } = this.#parts;
    const { head } = builder;
    const seq = (this.#seq ??= store.add(
      {
        id: head.id,
        previous: head.previous_response_id,
        status: head.status,
        background: head.background,
        head: JSON.stringify(head),
        owner,
      },
      input.map(stored),
    ));
    if (this.#parts.events) this.#writeEvents(seq, events);
    if (head.status === this.#status && !isOver(head.status)) return;
    this.#status = head.status;
    const text = JSON.stringify(head);
    if (!isOver(head.status)) return store.setStatus(seq, head.status, text);
    store.end(seq, { status: head.status, head: text, output: builder.output.map(stored), endedAt: now() });
  }

  #writeEvents(seq: number, events: readonly ResponseStreamEvent[]): void {
    const { store } = this.#parts;
    const kept = events.map((event) => ({ id: event.sequence_number, type: event.type, data: JSON.stringify(event) }));
    store.addEvents(seq, kept);
    for (const { id, data } of kept) {
      const oldest = this.#log.add(id, data.length);
      if (oldest !== undefined) store.forgetEvents(seq, oldest);
    }
  }
}

const stored = (item: Item) => ({ id: item.id, data: JSON.stringify(item) });
