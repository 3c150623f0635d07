/**
 * Responses that are made whether or not anybody waits. Their events are in the database before anybody hears of them:
 * who follows reads them there, from wherever they like.
 */
import { ApiError } from "../../../http/errors.ts";
import { follow } from "../../../jobs/follow.ts";
import { Watchers } from "../../../jobs/watchers.ts";
import type { Clock } from "../../../sessions/clock.ts";
import { SessionError } from "../../../sessions/index.ts";
import type { ResponseRecord, ResponseStore, StoredEvent } from "../../../store/response-store.ts";
import type { OpenReply } from "../../turns/turns.ts";
import type { ResponseBuilder } from "./builder.ts";
import { toApiError } from "./failure.ts";
import { Gatherer } from "./gather.ts";
import type { Recording } from "./recording.ts";
import { isOver } from "./response.ts";

export interface BackgroundParts {
  store: ResponseStore;
  clock: Clock;
  onFailure: (error: unknown) => void;
}

interface Active {
  /** Never rejects. */
  finished: Promise<void>;
  abort: (reason: "cancelled" | "stopping") => void;
}

/** Responses under way at one time, those that wait for a process included. */
const maxActive = 1000;

export class Background implements AsyncDisposable {
  readonly #parts: BackgroundParts;
  readonly #active = new Map<string, Active>();
  readonly #watchers = new Watchers();
  #closing = false;

  constructor(parts: BackgroundParts) {
    this.#parts = parts;
  }

  /** @throws ApiError when no more may be taken */
  requireRoom(): void {
    if (this.#closing) throw new ApiError("unavailable", "The server is shutting down.");
    if (this.#active.size < maxActive) return;
    throw new ApiError("unavailable", `${maxActive} responses are under way in the background; no more may be.`);
  }

  /** Begins one, which is kept from now on. */
  start(builder: ResponseBuilder, recording: Recording, open: (signal: AbortSignal) => Promise<OpenReply>): void {
    const { id } = builder.head;
    const controller = new AbortController();
    recording.keep(builder.queue());
    const finished = this.#run(builder, recording, () => open(controller.signal), controller.signal).finally(() => {
      this.#active.delete(id);
      this.#watchers.tell(id);
    });
    this.#active.set(id, { finished, abort: (reason) => controller.abort(reason) });
  }

  /** Ends one, if it is under way; resolves when it is over. */
  async cancel(id: string): Promise<void> {
    const active = this.#active.get(id);
    active?.abort("cancelled");
    await active?.finished;
  }

  /** Events after one, then those that come, up to the end of the response or of the signal. */
  follow({ id, seq }: ResponseRecord, after: number, signal: AbortSignal): AsyncGenerator<StoredEvent> {
    const { store } = this.#parts;
    const log = {
      change: () => this.#watchers.next(id, signal),
      isOver: () => !this.#active.has(id),
      after: (last: number, limit: number) => store.eventsAfter(seq, last, limit),
    };
    return follow(log, after);
  }

  /**
   * Those under way have so long to finish; then they are broken off, and failed.
   *
   * @param graceMs milliseconds
   */
  async drain(graceMs: number): Promise<void> {
    this.#closing = true;
    const all = () => Promise.all([...this.#active.values()].map(({ finished }) => finished));
    if (this.#active.size > 0) {
      const { promise: late, resolve } = Promise.withResolvers<void>();
      using _timer = this.#parts.clock.after(graceMs, resolve);
      await Promise.race([all(), late]);
    }
    for (const { abort } of this.#active.values()) abort("stopping");
    await all();
    this.#watchers.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.drain(0);
  }

  async #run(
    builder: ResponseBuilder,
    recording: Recording,
    open: () => Promise<OpenReply>,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, onFailure } = this.#parts;
    const keep = (events: ReturnType<ResponseBuilder["push"]>) => {
      recording.keep(events);
      this.#watchers.tell(builder.head.id);
    };
    using gatherer = new Gatherer(clock, (event) => keep(builder.push(event)));
    try {
      const { events } = await open();
      for await (const event of events) gatherer.push(event);
      gatherer.flush();
      if (isOver(builder.head.status)) return;
      throw new SessionError("process_died", "The session ended the turn without a result.");
    } catch (thrown) {
      gatherer.flush();
      if (isOver(builder.head.status)) return;
      if (signal.reason === "cancelled") return keep(builder.cancel());
      const error = signal.aborted
        ? new SessionError("draining", "The server was stopped in the middle of it.")
        : thrown;
      keep(builder.fail(toApiError(error, onFailure)));
    }
  }
}
