/**
 * What is written down of runs and jobs: that one was asked for, that it began, what became of it. Each change and the
 * event that tells of it are one transaction, so that whoever follows a job sees what the database has.
 */
import type { Clock } from "../sessions/clock.ts";
import type { DeliveryStore } from "../store/delivery-store.ts";
import type { JobEventStore } from "../store/job-event-store.ts";
import type { JobEnd, JobKind, JobRecord, JobStore } from "../store/job-store.ts";
import { type IdempotencyKey, requireSame } from "./idempotency.ts";
import { costOf, exitCodes, failureOf, type Outcome, restarted } from "./outcome.ts";
import type { Submission } from "./spec.ts";

export interface LedgerParts {
  store: JobStore;
  events: JobEventStore;
  deliveries: DeliveryStore;
  clock: Clock;
  /** Told when a webhook has become due. */
  onDelivery: () => void;
  /** Told when something happened to one. */
  onChange: (id: string) => void;
  /** Told of what could not be written down. */
  onFailure: (error: unknown) => void;
}

/** Times that a job is begun; one that the server dies under each time may be the reason. */
const maxAttempts = 3;
/** Records kept when they are over, whatever their age. */
const maxKept = 20_000;
/** Characters of the prompt that a listing shows. */
const titleLength = 200;

export class Ledger {
  readonly #parts: LedgerParts;

  constructor(parts: LedgerParts) {
    this.#parts = parts;
  }

  /**
   * What was asked for under a key before.
   *
   * @throws JobError `key_reused`
   */
  before(key: IdempotencyKey | undefined): JobRecord | null {
    const { store } = this.#parts;
    const kept = key && store.byKey(key.key);
    if (!kept) return null;
    requireSame(kept, key);
    return store.bySeq(kept.job);
  }

  add(kind: JobKind, state: "queued" | "running", submission: Submission, key: IdempotencyKey | undefined): JobRecord {
    const { store, events, clock } = this.#parts;
    const { spec, metadata, callbackUrl, requeue, owner } = submission;
    return store.atomically(() => {
      const record = store.add({
        id: Bun.randomUUIDv7(),
        kind,
        state,
        workspace: spec.workspace,
        title: spec.prompt.slice(0, titleLength),
        spec: JSON.stringify(spec),
        metadata: metadata === undefined ? null : JSON.stringify(metadata),
        callbackUrl: callbackUrl ?? null,
        requeue: requeue ?? false,
        createdAt: clock.now(),
        owner: owner ?? null,
      });
      if (key) store.addKey(key.key, key.hash, record.seq);
      events.add(record.seq, "status", JSON.stringify({ status: state }));
      return record;
    });
  }

  setSession(record: JobRecord, sessionId: string): void {
    this.#keep(() => this.#parts.store.setSession(record.seq, sessionId));
  }

  /** Writes down what became of one: its end, or that it waits again. */
  settle(record: JobRecord, outcome: Outcome): void {
    const { store, events, deliveries, clock, onDelivery, onChange } = this.#parts;
    const again = outcome.type === "interrupted" && record.requeue && record.attempts < maxAttempts;
    this.#keep(() =>
      store.atomically(() => {
        if (again) {
          store.requeue(record.seq);
          events.add(record.seq, "status", JSON.stringify({ status: "queued", reason: restarted().message }));
          return;
        }
        const end = endOf(outcome, clock.now());
        store.end(record.seq, end);
        const { state, error } = end;
        events.add(record.seq, "status", JSON.stringify({ status: state, ...(error === null ? {} : { error }) }));
        if (record.callbackUrl !== null) deliveries.add(record.seq, record.callbackUrl, clock.now());
      }),
    );
    onChange(record.id);
    if (!again && record.callbackUrl !== null) onDelivery();
  }

  /** @param keepMs milliseconds for which one is kept when it is over */
  forget(keepMs: number): void {
    const { store, clock } = this.#parts;
    this.#keep(() => store.forget(clock.now() - keepMs, maxKept));
  }

  /** A full disk must not leave a workspace claimed for ever. */
  #keep(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#parts.onFailure(error);
    }
  }
}

function endOf(outcome: Outcome, finishedAt: number): JobEnd {
  if (outcome.type === "completed") {
    const { output, costUsd, result } = outcome.success;
    return {
      state: "completed",
      exitCode: 0,
      finishedAt,
      output,
      costUsd,
      stderr: "",
      error: null,
      errorKind: null,
      result: JSON.stringify(result),
    };
  }
  const interrupted = outcome.type === "interrupted";
  const state = interrupted ? "failed" : outcome.state;
  const failure = failureOf(interrupted ? restarted() : outcome.thrown);
  return {
    state,
    exitCode: exitCodes[state],
    finishedAt,
    output: outcome.output ?? "",
    costUsd: costOf(outcome.thrown),
    result: null,
    ...failure,
  };
}
