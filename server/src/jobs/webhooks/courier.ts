/**
 * Delivers webhooks: signed, a few at a time, again and again with longer and longer pauses. What is due is in the
 * database, so that a restart forgets none; a receiver may get one twice and knows it by its id.
 */
import { OutgoingError } from "../../net/errors.ts";
import type { OutgoingReply, OutgoingRequest } from "../../net/outgoing.ts";
import type { Clock } from "../../sessions/clock.ts";
import type { Delivery, DeliveryStore } from "../../store/delivery-store.ts";
import { signedHeaders } from "./signature.ts";

const seconds = 1000;
const minutes = 60 * seconds;
/** Milliseconds before the second attempt, the third, and so on; when they are used up it is given up. */
const pauses = [5 * seconds, 30 * seconds, 2 * minutes, 10 * minutes, 30 * minutes, 60 * minutes, 240 * minutes];
/** Deliveries under way at one time. */
const maxAtOnce = 4;
/** Only the status of the answer counts, and it has so long to come. */
const bounds = { maxBytes: 0, timeoutMs: 15 * seconds };
/** Milliseconds that a timer takes at most; a longer wait is made of several. */
const maxTimer = 60 * minutes;

export interface CourierParts {
  store: DeliveryStore;
  send: (request: OutgoingRequest) => Promise<Pick<OutgoingReply, "status">>;
  secret: string;
  /** The body for a job; null when it is not there any more. */
  bodyOf: (job: number) => string | null;
  clock: Clock;
  /** Told of a webhook that is given up, and of failures of the database. */
  onFailure: (error: unknown) => void;
}

export class Courier implements AsyncDisposable {
  readonly #parts: CourierParts;
  readonly #closing = new AbortController();
  readonly #underWay = new Map<string, Promise<void>>();
  #timer: Disposable | undefined;

  constructor(parts: CourierParts) {
    this.#parts = parts;
  }

  /** Delivers what is due now, and later what is due later. */
  wake(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    if (this.#closing.signal.aborted) return;
    const { store, clock } = this.#parts;
    const waiting = store.pending(maxAtOnce * 2).filter(({ id }) => !this.#underWay.has(id));
    for (const delivery of waiting) {
      // The end of any of those under way comes back here.
      if (this.#underWay.size >= maxAtOnce) return;
      const ms = delivery.nextAt - clock.now();
      if (ms > 0) {
        this.#timer = clock.after(Math.min(ms, maxTimer), () => this.wake());
        return;
      }
      this.#begin(delivery);
    }
  }

  /** Those under way are broken off, and made up for by the next server. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#timer?.[Symbol.dispose]();
    await Promise.all(this.#underWay.values());
  }

  #begin(delivery: Delivery): void {
    const over = () => this.#underWay.delete(delivery.id);
    const work = this.#deliver(delivery).then(
      () => {
        over();
        this.wake();
      },
      (error: unknown) => {
        over();
        this.#parts.onFailure(error);
        // It could not even be written down that it failed: not again at once.
        if (!this.#closing.signal.aborted) this.#timer ??= this.#parts.clock.after(minutes, () => this.wake());
      },
    );
    this.#underWay.set(delivery.id, work);
  }

  async #deliver(delivery: Delivery): Promise<void> {
    const { store, clock, onFailure } = this.#parts;
    const failure = await this.#attempt(delivery);
    if (this.#closing.signal.aborted) return;
    const attempts = delivery.attempts + 1;
    if (failure === null) return store.update({ ...delivery, state: "delivered", attempts, error: null });
    const pause = pauses[attempts - 1];
    if (failure.final || pause === undefined) {
      store.update({ ...delivery, state: "failed", attempts, error: failure.reason });
      onFailure(new Error(`webhook ${delivery.id} was given up: ${failure.reason}`));
      return;
    }
    store.update({ ...delivery, attempts, nextAt: clock.now() + pause, error: failure.reason });
  }

  /** Null when it was taken. */
  async #attempt({ id, job, url }: Delivery): Promise<{ reason: string; final: boolean } | null> {
    const { bodyOf, secret, send, clock } = this.#parts;
    const body = bodyOf(job);
    if (body === null) return { reason: "the job is not there any more", final: true };
    const signed = signedHeaders(secret, { id, seconds: Math.floor(clock.now() / 1000), body });
    try {
      const { status } = await send({
        url,
        method: "POST",
        headers: { "content-type": "application/json", ...signed },
        body,
        ...bounds,
        signal: this.#closing.signal,
      });
      if (status >= 200 && status < 300) return null;
      // Gone, the receiver's way to say: never again.
      return { reason: `the receiver answered ${status}`, final: status === 410 };
    } catch (error) {
      if (error instanceof OutgoingError) {
        return { reason: error.message, final: error.kind === "invalid" || error.kind === "refused" };
      }
      this.#parts.onFailure(error);
      return { reason: "something went wrong in the server", final: false };
    }
  }
}
