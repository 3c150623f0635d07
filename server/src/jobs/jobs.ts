/**
 * Runs and jobs: one record, one way to run them. A run begins at once or is refused; a job may wait for its turn. Each
 * is in the database before its caller hears of it, so that none is lost however the server ends.
 */
import type { Clock } from "../sessions/clock.ts";
import { SessionError } from "../sessions/index.ts";
import type { DeliveryStore } from "../store/delivery-store.ts";
import type { JobEventStore } from "../store/job-event-store.ts";
import type { JobFilter, JobKind, JobRecord, JobStore, JobSummary } from "../store/job-store.ts";
import { namesOf } from "../workspaces/jail/names.ts";
import { WorkspaceError, type Workspaces } from "../workspaces/workspaces.ts";
import { type Claim, Claims } from "./claims.ts";
import { JobError } from "./errors.ts";
import { type IdempotencyKey, idempotencyKeyOf, requireSame } from "./idempotency.ts";
import { Ledger } from "./ledger.ts";
import { isUnexpected, type Outcome, outcomeOf, restarted } from "./outcome.ts";
import { Recorder } from "./recorder.ts";
import type { Runner } from "./runner.ts";
import type { JobSpec, Submission } from "./spec.ts";
import { Watchers } from "./watchers.ts";

export interface JobLimits {
  /** Jobs under way at one time. */
  concurrency: number;
  /** Jobs under way in one workspace. */
  perWorkspace: number;
  /** Jobs that may wait; 0 refuses those that cannot begin at once. */
  queue: number;
  /** Milliseconds for which one is kept when it is over. */
  keepMs: number;
}

export interface JobsParts {
  store: JobStore;
  events: JobEventStore;
  deliveries: DeliveryStore;
  runner: Runner;
  workspaces: Workspaces;
  limits: JobLimits;
  clock: Clock;
  /** Refuses a URL that no webhook will ever be sent to. */
  checkCallback: (url: string) => void;
  /** Told when a webhook has become due. */
  onDelivery: () => void;
  /** Told of what nobody expected, and of what could not be written down. */
  onFailure: (error: unknown) => void;
}

/** One that is under way. */
export interface Running {
  record: JobRecord;
  /** Never rejects. */
  finished: Promise<Outcome>;
}

/** Milliseconds between two looks for what may be forgotten. */
const forgetEvery = 10 * 60_000;

export class Jobs implements AsyncDisposable {
  readonly #parts: JobsParts;
  readonly #claims = new Claims(() => this.#dispatch());
  readonly #active = new Map<string, Running & { abort: (reason: Error) => void }>();
  readonly #watchers = new Watchers();
  readonly #listeners = new Set<() => void>();
  readonly #ledger: Ledger;
  /** Runs that have their workspace but no record yet. */
  readonly #beginning = new Set<Promise<unknown>>();
  /** Runs that begin but are not kept yet, so that a repeated request is the same run from the first moment. */
  readonly #beginningByKey = new Map<string, { hash: string; beginning: Promise<Running> }>();
  #jobsUnderWay = 0;
  #closing = false;
  #timer: Disposable | undefined;

  constructor(parts: JobsParts) {
    this.#parts = parts;
    this.#ledger = new Ledger({ ...parts, onChange: (id) => this.#changed(id) });
  }

  /** Settles what the server before this one left behind, and goes on with what waits. */
  begin(): void {
    for (const record of this.#parts.store.running())
      this.#ledger.settle(record, { type: "interrupted", thrown: restarted() });
    this.#forget();
    this.#dispatch();
  }

  get busyWorkspaces(): string[] {
    return this.#claims.busy;
  }

  /** How many runs and jobs are under way. */
  get running(): number {
    return this.#active.size;
  }

  /** How many jobs wait. */
  get queued(): number {
    return this.#parts.store.count("queued");
  }

  get(id: string): JobRecord | null {
    return this.#parts.store.get(id);
  }

  list(filter: JobFilter): JobSummary[] {
    return this.#parts.store.list(filter);
  }

  /** Whether nothing more comes of it; so it is with one that is forgotten. */
  isOver(id: string): boolean {
    return this.#parts.store.isOver(id);
  }

  /** Resolves when something happens to a job; with false when the signal aborts or the server stops. */
  change(id: string, signal: AbortSignal): Promise<boolean> {
    return this.#watchers.next(id, signal);
  }

  /** Calls back when any of them is taken, begins or ends; the return value ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Begins a run at once, in a workspace that it has to itself. One that was asked for under the same key before comes
   * back instead; its `finished` is there as long as it is under way.
   *
   * @throws JobError `workspace_busy` or `key_reused`, WorkspaceError
   */
  async run(submission: Submission): Promise<Running | { record: JobRecord; finished: null }> {
    this.#requireOpen();
    const spec = named(submission.spec);
    const key = idempotencyKeyOf("run", { ...submission, spec });
    const before = this.#ledger.before(key);
    if (before) return { record: before, finished: this.#active.get(before.id)?.finished ?? null };
    const same = key && this.#beginningByKey.get(key.key);
    if (same) {
      requireSame(same, key);
      return await same.beginning;
    }
    this.#check(submission);
    // Before anything is awaited, by the name that the caller used.
    const claim = this.#claims.exclusive(spec.workspace) ?? busy();
    const beginning = this.#beginRun({ ...submission, spec }, key, claim);
    this.#beginning.add(beginning);
    if (key) this.#beginningByKey.set(key.key, { hash: key.hash, beginning });
    try {
      return await beginning;
    } catch (error) {
      claim[Symbol.dispose]();
      throw error;
    } finally {
      this.#beginning.delete(beginning);
      if (key) this.#beginningByKey.delete(key.key);
    }
  }

  /**
   * Takes a job, which begins at once or waits for its turn.
   *
   * @throws JobError `agent_busy`, `queue_full` or `key_reused`, WorkspaceError
   */
  async submit(submission: Submission): Promise<JobRecord> {
    this.#requireOpen();
    const spec = named(submission.spec);
    const key = idempotencyKeyOf("job", { ...submission, spec });
    const workspace = await this.#folderOf(spec.workspace);
    this.#requireOpen();
    const before = this.#ledger.before(key);
    if (before) return before;
    this.#check(submission);
    const { limits, store } = this.#parts;
    // Whoever could begin has begun already, so that this one takes nobody's place.
    if (!this.#mayBegin(workspace)) {
      if (limits.queue === 0) throw new JobError("agent_busy", "Agent is busy");
      const queued = store.count("queued");
      if (queued >= limits.queue) throw new JobError("queue_full", `${queued} jobs wait already; no more may.`);
    }
    const { id } = this.#ledger.add("job", "queued", { ...submission, spec: { ...spec, workspace } }, key);
    this.#changed(id);
    this.#dispatch();
    return store.get(id) as JobRecord;
  }

  /**
   * Ends one that waits or is under way; resolves when its workspace is free.
   *
   * @throws JobError `unknown` or `over`
   */
  async cancel(id: string, reason = new JobError("cancelled", "it was cancelled")): Promise<JobRecord> {
    const { store } = this.#parts;
    const record = store.get(id);
    if (!record) throw unknown(id);
    const active = this.#active.get(id);
    if (active) {
      active.abort(reason);
      await active.finished;
    } else if (record.state === "queued") {
      this.#ledger.settle(record, { type: "failed", state: "cancelled", thrown: reason });
    } else if (record.state !== "cancelled") {
      throw new JobError("over", `It is over already: ${record.state}.`);
    }
    return store.get(id) as JobRecord;
  }

  /** What is under way in a workspace: a run, or the jobs that share it. */
  async inWorkspace(workspace: string): Promise<JobRecord[]> {
    const name = await this.#folderOf(workspace).catch(() => namesOf(workspace).join("/"));
    await Promise.allSettled(this.#beginning);
    return [...this.#active.values()].map(({ record }) => record).filter((record) => record.workspace === name);
  }

  /**
   * Nothing new begins; what is under way has so long to finish, and then is broken off: back to the queue if it is to
   * begin again, else failed.
   *
   * @param graceMs milliseconds
   */
  async drain(graceMs: number): Promise<void> {
    this.#closing = true;
    this.#timer?.[Symbol.dispose]();
    const all = () => Promise.all([...this.#active.values()].map(({ finished }) => finished));
    if (this.#active.size > 0) {
      const { promise: late, resolve } = Promise.withResolvers<void>();
      using _timer = this.#parts.clock.after(graceMs, resolve);
      await Promise.race([all(), late]);
    }
    for (const { abort } of this.#active.values()) abort(new SessionError("draining", "The server is shutting down."));
    await all();
    this.#watchers.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.drain(0);
  }

  async #beginRun(submission: Submission, key: IdempotencyKey | undefined, claim: Claim): Promise<Running> {
    const workspace = await this.#folderOf(submission.spec.workspace);
    if (!claim.also(workspace)) busy();
    this.#requireOpen();
    // Somebody may have used the key meanwhile, in another workspace.
    this.#ledger.before(key);
    const record = this.#ledger.add("run", "running", { ...submission, spec: { ...submission.spec, workspace } }, key);
    return this.#launch(record, claim);
  }

  #changed(id: string): void {
    this.#watchers.tell(id);
    for (const listener of this.#listeners) listener();
  }

  #requireOpen(): void {
    if (this.#closing) throw new SessionError("draining", "The server is shutting down.");
  }

  #check({ callbackUrl }: Submission): void {
    if (callbackUrl !== undefined) this.#parts.checkCallback(callbackUrl);
  }

  async #folderOf(name: string): Promise<string> {
    const { workspaces } = this.#parts;
    try {
      return workspaces.nameOf(await workspaces.resolve(name)) ?? name;
    } catch (error) {
      if (!(error instanceof WorkspaceError) || error.kind !== "missing") throw error;
      // Here it is a wrong field of a request, not the thing that was asked for.
      throw new WorkspaceError("invalid", error.message, { cause: error });
    }
  }

  #mayBegin(workspace: string): boolean {
    const { concurrency, perWorkspace } = this.#parts.limits;
    return this.#jobsUnderWay < concurrency && this.#claims.canShare(workspace, perWorkspace);
  }

  /** Begins as many jobs as may. Workspaces take turns; within one, the first that came is first. */
  #dispatch(): void {
    if (this.#closing) return;
    const { store, limits, clock, onFailure } = this.#parts;
    try {
      for (;;) {
        if (this.#jobsUnderWay >= limits.concurrency) return;
        const next = store.heads().find(({ workspace }) => this.#mayBegin(workspace));
        const claim = next && this.#claims.shared(next.workspace, limits.perWorkspace);
        if (!next || !claim) return;
        const record = store.begin(next.seq, clock.now());
        if (record) this.#launch(record, claim);
        else claim[Symbol.dispose]();
      }
    } catch (error) {
      onFailure(error);
    }
  }

  #launch(record: JobRecord, claim: Claim): Running {
    const controller = new AbortController();
    if (record.kind === "job") this.#jobsUnderWay++;
    const finished = this.#execute(record, controller.signal).then((outcome) => {
      this.#active.delete(record.id);
      if (record.kind === "job") this.#jobsUnderWay--;
      this.#ledger.settle(record, outcome);
      claim[Symbol.dispose]();
      return outcome;
    });
    this.#active.set(record.id, { record, finished, abort: (reason) => controller.abort(reason) });
    this.#changed(record.id);
    return { record, finished };
  }

  async #execute(record: JobRecord, signal: AbortSignal): Promise<Outcome> {
    const { runner, events, clock, onFailure } = this.#parts;
    const onEvent = () => this.#watchers.tell(record.id);
    using recorder = new Recorder(record.seq, { store: events, clock, onEvent, onFailure });
    if (record.kind === "job") recorder.write("status", { status: "running" });
    try {
      const onSession = (sessionId: string) => this.#ledger.setSession(record, sessionId);
      const spec = JSON.parse(record.spec) as JobSpec;
      return {
        type: "completed",
        success: await runner.run(spec, { owner: record.owner, signal, recorder, onSession }),
      };
    } catch (error) {
      const outcome = outcomeOf(error, signal);
      if (outcome.type === "failed" && isUnexpected(outcome.thrown)) onFailure(outcome.thrown);
      return { ...outcome, output: recorder.output };
    }
  }

  #forget(): void {
    this.#ledger.forget(this.#parts.limits.keepMs);
    this.#timer = this.#parts.clock.after(forgetEvery, () => this.#forget());
  }
}

/** With the workspace in the one spelling that all of its names come to. */
const named = (spec: JobSpec): JobSpec => ({ ...spec, workspace: namesOf(spec.workspace).join("/") });

function busy(): never {
  throw new JobError("workspace_busy", "workspace busy, retry later");
}

export const unknown = (id: string, what: JobKind = "job"): JobError =>
  new JobError("unknown", `There is no ${what} with the id ${JSON.stringify(id.slice(0, 100))}.`);
