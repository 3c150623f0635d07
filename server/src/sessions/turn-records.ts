/**
 * What turns leave behind: a record of what each one took, and its session as it then is. Every token and dollar that is
 * ever counted comes through here, once.
 */
import type { SessionStore, TurnRecord } from "../store/session-store.ts";
import type { Clock } from "./clock.ts";
import { noUsage, type ResultEvent, type Usage } from "./events.ts";
import type { Fingerprint } from "./fingerprint.ts";
import type { LiveSession } from "./live-session.ts";

/** What is kept of a turn's result. */
type Taken = Pick<ResultEvent, "usage" | "costUsd" | "durationMs"> & {
  /** Milliseconds from the request to the first word; null where there was none. */
  firstTokenMs?: number | null;
};

export interface TurnListeners {
  /** Told of what could not be kept; no turn ends for that. */
  onStoreFailure?: ((error: unknown) => void) | undefined;
  /** Told of every turn that is counted. */
  onTurn?: ((turn: TurnRecord) => void) | undefined;
  /** Told what such a turn turned out to have cost beyond that. */
  onLateCost?: ((model: string, costUsd: number) => void) | undefined;
}

export class TurnRecords {
  readonly #store: SessionStore;
  readonly #clock: Clock;
  readonly #listeners: TurnListeners;

  constructor(store: SessionStore, clock: Clock, listeners: TurnListeners) {
    this.#store = store;
    this.#clock = clock;
    this.#listeners = listeners;
  }

  /** A turn came to its result, which its session has observed. */
  finished(live: LiveSession, source: TurnRecord["source"], result: Taken, fingerprint: Fingerprint | null): void {
    const record = this.#record(live, source, result);
    this.keep((store) => store.saveTurn(live.record, record, fingerprint));
  }

  /** A turn that came to none: of its tokens counts what it told of. Where it told of none, the model was never asked. */
  lost(live: LiveSession, source: TurnRecord["source"], taken: Taken): void {
    if (isNothing(taken.usage)) return this.keep((store) => store.save(live.record));
    live.count(taken);
    const record = this.#record(live, source, taken);
    this.keep((store) => store.saveTurn(live.record, record, null));
  }

  /** What the turn that was lost last turned out to have cost. */
  lateCost(live: LiveSession, costUsd: number): void {
    live.count({ usage: noUsage, costUsd });
    this.keep((store) => store.addCost(live.id, costUsd));
    this.#listeners.onLateCost?.(live.record.model, costUsd);
  }

  /** A full disk must not end a turn: what cannot be kept is only harder to find later. */
  keep(work: (store: SessionStore) => void): void {
    try {
      work(this.#store);
    } catch (error) {
      this.#listeners.onStoreFailure?.(error);
    }
  }

  /** It is the owner of the turn who pays, whoever's the session was before. */
  #record(live: LiveSession, source: TurnRecord["source"], taken: Taken): TurnRecord {
    const { usage, costUsd, durationMs, firstTokenMs = null } = taken;
    const [{ model }, { owner }] = [live.record, live.plan.fixed];
    const record: TurnRecord = {
      sessionId: live.id,
      at: this.#clock.now(),
      model,
      source,
      ...usage,
      costUsd,
      durationMs,
      firstTokenMs,
      owner,
    };
    this.#listeners.onTurn?.(record);
    return record;
  }
}

const isNothing = (usage: Usage): boolean => Object.values(usage).every((tokens) => tokens === 0);
