/**
 * The heart: finds or makes the session that a conversation goes on in, runs one turn there, and puts it back. How a
 * conversation becomes HTTP, and who may ask, is nobody's business here.
 */
import type { Database } from "bun:sqlite";
import { realpathSync } from "node:fs";
import type { SessionSource } from "@lodge/shared";
import { openDatabase } from "../store/database.ts";
import { type SessionRecord, SessionStore, type TranscriptPoint } from "../store/session-store.ts";
import { ActiveTurn, type TurnLimits, type TurnOutcome } from "./active-turn.ts";
import { type Clock, systemClock } from "./clock.ts";
import { type Message, splitConversation, type SplitConversation } from "./conversation.ts";
import type { Origin, ProcessInfo, StartDriver } from "./drivers/driver.ts";
import { SessionError } from "./errors.ts";
import type { SessionEvent } from "./events.ts";
import { extendFingerprint, fingerprint, type Fingerprint } from "./fingerprint.ts";
import { type LaunchDefaults, type LaunchPlan, type LaunchRequest, planLaunch } from "./launch.ts";
import { LiveSession, type SessionSnapshot } from "./live-session.ts";
import { Pool } from "./pool.ts";
import type { Answer, Prompt } from "./prompts.ts";
import { Slots } from "./slots.ts";
import { transcriptExists } from "./transcripts/location.ts";
import { seedTranscript } from "./transcripts/seed.ts";
import { Turnstile } from "./turnstile.ts";

export interface SessionManagerOptions {
  startDriver: StartDriver;
  defaults: LaunchDefaults;
  /** The CLI's config folder, where its transcripts are. */
  configDir: string;
  /** Processes at one time. */
  maxLive: number;
  /** Turns that may wait for a process. */
  queueLimit: number;
  /** Turns that may wait for another turn of the session that they name; 0 refuses them at once. */
  sessionQueueLimit: number;
  /** Milliseconds after which a process that has nothing to do is ended. */
  idleMs: number;
  watchdogMs: number;
  /** Milliseconds that a permission prompt or question may wait for a person; then the answer is no. */
  answerMs: number;
  /** What is kept of sessions; in memory when absent. */
  database?: Database;
  clock?: Clock;
}

export interface TurnRequest {
  /** The whole conversation, as a stateless client holds it; the last message is the user's. */
  messages: readonly Message[];
  launch: LaunchRequest;
  /** Names a session, by its id or by any word of the caller's: the same word is the same conversation. */
  session?: string | undefined;
  /** Aborting ends the turn, unless it is to keep running. */
  signal?: AbortSignal | undefined;
  /** The turn goes on to its end when the signal aborts; only its reader is gone. */
  keepRunning?: boolean;
  timeoutMs?: number | undefined;
}

/** A turn that its session has taken. It runs to its end whether or not its events are read. */
export interface Turn {
  readonly sessionId: string;
  readonly source: SessionSource;
  /** Full name of the model that answers. */
  readonly model: string;
  /** For one reader: up to and with one `result`, or a thrown `SessionError`. A reader who stops early ends the turn. */
  readonly events: AsyncIterable<SessionEvent>;
}

export type SessionListener = (change: SessionChange) => void;

export type SessionChange =
  | { type: "changed"; session: SessionSnapshot }
  /** A process that never was anybody's session is gone. */
  | { type: "removed"; id: string };

interface Lease {
  live: LiveSession;
  source: SessionSource;
  /** The session whose transcript it goes on from. */
  from?: string;
}

/** Times that a turn is tried on another session when the one it got turns out to be dead before it takes the turn. */
const maxAttempts = 3;

export class SessionManager implements AsyncDisposable {
  readonly #options: SessionManagerOptions;
  readonly #clock: Clock;
  readonly #database: Database;
  readonly #store: SessionStore;
  readonly #slots: Slots;
  readonly #pool: Pool;
  readonly #turnstile: Turnstile;
  readonly #listeners = new Set<SessionListener>();
  readonly #turns = new Set<ActiveTurn>();
  readonly #endings = new Map<LiveSession, Promise<void>>();
  /** Sessions whose transcript somebody is about to go on with. */
  readonly #claimed = new Set<string>();
  #processInfo: ProcessInfo | null = null;
  #draining = false;

  constructor(options: SessionManagerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#database = options.database ?? openDatabase(":memory:");
    this.#store = new SessionStore(this.#database);
    this.#slots = new Slots(options.maxLive, options.queueLimit);
    this.#turnstile = new Turnstile(options.sessionQueueLimit);
    this.#pool = new Pool(this.#clock, options.idleMs, (session) => void this.#end(session, "idle"));
  }

  /** Every session that has a process, by id, those in mid-turn included. */
  get liveSessions(): ReadonlyMap<string, SessionSnapshot> {
    return new Map([...this.#pool.all()].map((session) => [session.id, session.snapshot()]));
  }

  /** Turns that wait for a process. */
  get waiting(): number {
    return this.#slots.waiting;
  }

  /** What the latest process told about the CLI; null until one has started. */
  get processInfo(): ProcessInfo | null {
    return this.#processInfo;
  }

  /** Sessions, live ones first, then the most recently active. */
  list(limit: number): SessionSnapshot[] {
    const live = [...this.#pool.all()].filter((session) => session.hasHistory).map((session) => session.snapshot());
    live.sort((a, b) => b.lastActiveAt - a.lastActiveAt);
    const rest = this.#store
      .list(limit)
      .filter((record) => !this.#pool.get(record.id))
      .map(hibernatedSnapshot);
    return [...live, ...rest].slice(0, limit);
  }

  /** Calls back on every change of every session, in the order of events; the return value ends that. */
  subscribe(listener: SessionListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Starts a turn; resolves when its session has taken it.
   *
   * @throws SessionError when no session can be had or none takes the turn
   */
  async start(request: TurnRequest): Promise<Turn> {
    if (this.#draining) throw new SessionError("draining", "The server is shutting down.");
    const split = splitConversation(request.messages);
    if (!split) throw new SessionError("invalid_request", "The conversation must end with a message from the user.");
    const plan = planLaunch({ ...request.launch, cwd: resolveFolder(request.launch.cwd) }, this.#options.defaults);
    using stack = new DisposableStack();
    if (request.session !== undefined) {
      stack.defer(await this.#turnstile.enter(request.session, request.signal));
    }
    return await this.#startTurn(request, plan, split, stack.move());
  }

  /** What a session waits for a person to decide; empty when it waits for nothing or has no process. */
  prompts(sessionId: string): readonly Prompt[] {
    return this.#pool.get(sessionId)?.prompts ?? [];
  }

  /**
   * Decides a prompt of a session.
   *
   * @throws SessionError `session_unknown`, `prompt_unknown`, or `invalid_request` when the answer does not fit
   */
  async answer(sessionId: string, promptId: string, answer: Answer): Promise<void> {
    const live = this.#pool.get(sessionId);
    if (!live) throw new SessionError("session_unknown", "There is no live session with that id.");
    await live.driver.answer(promptId, answer);
  }

  /** Resolves when a process of this plan is up: what the CLI says of itself, its models first of all. */
  async probe(launch: LaunchRequest): Promise<ProcessInfo> {
    if (this.#processInfo) return this.#processInfo;
    const plan = planLaunch({ ...launch, cwd: resolveFolder(launch.cwd) }, this.#options.defaults);
    const live = await this.#launch(plan, crypto.randomUUID(), { type: "new" }, undefined, undefined);
    try {
      return await live.driver.ready;
    } finally {
      await this.#end(live, "probe");
    }
  }

  /**
   * No new turns; those under way have so long to finish; then every process is ended.
   *
   * @param graceMs milliseconds
   */
  async drain(graceMs: number): Promise<void> {
    this.#draining = true;
    if (this.#turns.size > 0) {
      const { promise: over, resolve } = Promise.withResolvers<void>();
      using _timer = this.#clock.after(graceMs, resolve);
      const unsubscribe = this.subscribe(() => {
        if (this.#turns.size === 0) resolve();
      });
      await over;
      unsubscribe();
    }
    for (const turn of this.#turns) turn.stop(new SessionError("draining", "The server is shutting down."));
    await Promise.all([...this.#pool.all()].map((session) => this.#end(session, "shutdown")));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain(0);
    this.#listeners.clear();
    // A database that was handed in belongs to whoever did.
    if (!this.#options.database) this.#database.close();
  }

  async #startTurn(
    request: TurnRequest,
    plan: LaunchPlan,
    split: SplitConversation,
    cleanup: DisposableStack,
  ): Promise<Turn> {
    const history = fingerprint(plan.scope, split.history);
    const unreadable = new Set<string>();
    for (let attempt = 1; ; attempt++) {
      let lease: Lease;
      try {
        lease = await this.#acquire(request, plan, split, history, unreadable);
      } catch (error) {
        cleanup.dispose();
        throw error;
      }
      const { live, source } = lease;
      const turn = this.#run(lease, request, split, history, cleanup);
      try {
        const { model } = await turn.started;
        return { sessionId: live.id, source, model, events: readOnce(turn, request.keepRunning ?? false) };
      } catch (error) {
        const dead =
          error instanceof SessionError && (error.kind === "process_died" || error.kind === "transcript_unreadable");
        if (!dead || source === "cold" || source === "seeded" || attempt === maxAttempts || request.signal?.aborted) {
          cleanup.dispose();
          throw error;
        }
        if (error.kind === "transcript_unreadable" && lease.from !== undefined) unreadable.add(lease.from);
      }
    }
  }

  #run(
    lease: Lease,
    request: TurnRequest,
    split: SplitConversation,
    history: Fingerprint,
    cleanup: DisposableStack,
  ): ActiveTurn {
    const { live, source } = lease;
    const limits: TurnLimits = { watchdogMs: this.#options.watchdogMs, timeoutMs: request.timeoutMs ?? null };
    const turn = new ActiveTurn(live, this.#clock, limits);
    this.#turns.add(turn);
    live.begin(split.input, source);
    this.#store.save(live.record);
    if (request.session !== undefined) this.#store.setKey(request.session, live.id);

    const leave = () => {
      if (request.keepRunning) turn.detach();
      else turn.stop(new SessionError("aborted", "The client went away."));
    };
    request.signal?.addEventListener("abort", leave, { once: true });
    let taken = false;
    void turn.started.then(
      () => {
        taken = true;
      },
      () => {},
    );
    void turn.run(split.input, (outcome) => {
      request.signal?.removeEventListener("abort", leave);
      this.#turns.delete(turn);
      this.#finish(live, source, split, history, outcome);
      // Before the session took it, the turn may be tried elsewhere under the same claims.
      if (taken) cleanup.dispose();
    });
    if (request.signal?.aborted) leave();
    return turn;
  }

  #finish(
    live: LiveSession,
    source: SessionSource,
    split: SplitConversation,
    history: Fingerprint,
    outcome: TurnOutcome,
  ): void {
    if (outcome.type === "failed") {
      live.loseTip();
      this.#store.save(live.record);
      // Both travel on the same line: the turn is broken off, then the process is told to go.
      live.driver.interrupt().catch(() => {});
      void this.#end(live, outcome.error.kind);
      return;
    }
    const { result, reply } = outcome;
    const asked = extendFingerprint(history, { role: "user", content: split.input });
    live.fingerprint = extendFingerprint(asked, { role: "assistant", content: reply.content });
    const { usage } = result;
    this.#store.saveTurn(
      live.record,
      {
        sessionId: live.id,
        at: this.#clock.now(),
        model: live.record.model,
        source,
        ...usage,
        costUsd: result.costUsd,
        durationMs: result.durationMs,
      },
      live.fingerprint,
    );
    if (this.#draining) return void this.#end(live, "shutdown");
    this.#pool.release(live);
    live.becomeReady();
    this.#relieve();
  }

  async #acquire(
    request: TurnRequest,
    plan: LaunchPlan,
    split: SplitConversation,
    history: Fingerprint,
    unreadable: ReadonlySet<string>,
  ): Promise<Lease> {
    const { signal } = request;
    if (request.session !== undefined) {
      const known = this.#store.sessionOfKey(request.session) ?? this.#store.get(request.session)?.id;
      const record = known === undefined || unreadable.has(known) ? null : this.#store.get(known);
      if (record) return this.#acquireSession(record, plan, signal);
    }
    if (split.history.length === 0) {
      return {
        live: await this.#launch(plan, crypto.randomUUID(), { type: "new" }, undefined, signal),
        source: "cold",
      };
    }
    const warm = request.session === undefined ? this.#pool.take(history, plan.key) : undefined;
    if (warm) {
      await this.#adjust(warm, plan);
      return { live: warm, source: "warm" };
    }
    for (const point of this.#store.find(history)) {
      if (unreadable.has(point.sessionId)) continue;
      if (!transcriptExists(this.#options.configDir, point.cwd, point.sessionId)) continue;
      return this.#acquirePoint(point, plan, signal);
    }
    const sessionId = crypto.randomUUID();
    await seedTranscript({
      configDir: this.#options.configDir,
      cwd: plan.fixed.cwd,
      sessionId,
      model: plan.adjustable.model,
      history: split.history,
      now: this.#clock.now(),
    });
    return { live: await this.#launch(plan, sessionId, { type: "resume" }, undefined, signal), source: "seeded" };
  }

  /** Goes on where a transcript stood: in the same session if nothing came after and nobody is in it, else in a fork. */
  async #acquirePoint(point: TranscriptPoint, plan: LaunchPlan, signal: AbortSignal | undefined): Promise<Lease> {
    const from = point.sessionId;
    if (point.isTip && !this.#claimed.has(from)) {
      const record = this.#store.get(from);
      const live = this.#pool.get(from);
      const idle = this.#pool.takeById(from);
      if (record && (idle || !live)) return this.#resume(record, plan, signal, idle);
    }
    const origin: Origin = { type: "fork", sessionId: from, at: point.message };
    const live = await this.#launch(plan, crypto.randomUUID(), origin, undefined, signal);
    return { live, source: "forked", from };
  }

  /** Goes on in one certain session, wherever it stands. */
  async #acquireSession(record: SessionRecord, plan: LaunchPlan, signal: AbortSignal | undefined): Promise<Lease> {
    const live = this.#pool.takeById(record.id);
    if (live && live.plan.key === plan.key) {
      await this.#adjust(live, plan);
      return { live, source: "warm" };
    }
    const other = this.#pool.get(record.id);
    const ending = other && this.#endings.get(other);
    if ((!live && other && !ending) || this.#claimed.has(record.id)) {
      throw new SessionError("session_busy", "Another turn of this session is under way.", { retryAfter: 1 });
    }
    await ending;
    return this.#resume(record, plan, signal, live);
  }

  /** @param predecessor a process of the same session that cannot serve this plan */
  async #resume(
    record: SessionRecord,
    plan: LaunchPlan,
    signal: AbortSignal | undefined,
    predecessor: LiveSession | undefined,
  ): Promise<Lease> {
    this.#claimed.add(record.id);
    try {
      if (predecessor) await this.#end(predecessor, "relaunch");
      const live = await this.#launch(plan, record.id, { type: "resume" }, record, signal);
      return { live, source: "resumed", from: record.id };
    } finally {
      this.#claimed.delete(record.id);
    }
  }

  async #adjust(live: LiveSession, plan: LaunchPlan): Promise<void> {
    try {
      await live.driver.adjust(plan.adjustable);
      live.plan = plan;
    } catch (cause) {
      void this.#end(live, "adjust failed");
      throw new SessionError("process_died", "The session could not be told of its new settings.", { cause });
    }
  }

  async #launch(
    plan: LaunchPlan,
    sessionId: string,
    origin: Origin,
    record: SessionRecord | undefined,
    signal: AbortSignal | undefined,
  ): Promise<LiveSession> {
    const slot = await this.#slots.acquire(signal, () => this.#relieve(1));
    if (this.#draining) {
      slot.release();
      throw new SessionError("draining", "The server is shutting down.");
    }
    const live = new LiveSession({
      id: sessionId,
      plan,
      startDriver: (onPrompts) => this.#options.startDriver({ plan, sessionId, origin, onPrompts }),
      slot,
      clock: this.#clock,
      answerMs: this.#options.answerMs,
      record,
      onChange: (session) => this.#announce(session),
    });
    this.#pool.add(live);
    live.driver.ready.then(
      (info) => {
        this.#processInfo = info;
      },
      () => {},
    );
    void live.driver.exited.then(() => this.#gone(live));
    return live;
  }

  #end(live: LiveSession, reason: string): Promise<void> {
    let ending = this.#endings.get(live);
    if (!ending) {
      // A process that died by itself has been seen off already.
      if (live.state.name === "ended") return Promise.resolve();
      ending = live.driver.end().then(() => this.#gone(live));
      this.#endings.set(live, ending);
      this.#pool.withdraw(live);
      live.becomeEnding(reason);
    }
    return ending;
  }

  /** The process is no more, however that came. */
  #gone(live: LiveSession): void {
    if (live.state.name === "ended") return;
    this.#pool.remove(live);
    this.#endings.delete(live);
    live.becomeEnded();
    live.slot.release();
    this.#relieve();
  }

  /** Ends the longest idle processes for as many as wait and are not yet provided for. */
  #relieve(coming = 0): void {
    while (this.#slots.waiting + coming > this.#endings.size) {
      const oldest = this.#pool.takeOldest();
      if (!oldest) return;
      void this.#end(oldest, "room");
    }
  }

  #announce(live: LiveSession): void {
    if (!live.hasHistory && live.state.name !== "ended") return;
    const change: SessionChange = live.hasHistory
      ? { type: "changed", session: live.state.name === "ended" ? hibernatedSnapshot(live.record) : live.snapshot() }
      : { type: "removed", id: live.id };
    for (const listener of this.#listeners) listener(change);
  }
}

async function* readOnce(turn: ActiveTurn, keepRunning: boolean): AsyncGenerator<SessionEvent> {
  let complete = false;
  try {
    for await (const event of turn.events) {
      complete = event.type === "result";
      yield event;
    }
  } finally {
    if (!complete && !keepRunning) turn.stop(new SessionError("aborted", "The reader of the turn went away."));
  }
}

function hibernatedSnapshot(record: SessionRecord): SessionSnapshot {
  const { driver, mode, source, tip: _tip, ...rest } = record;
  return {
    ...rest,
    driver: driver as SessionSnapshot["driver"],
    mode: mode as SessionSnapshot["mode"],
    ...(source === null ? {} : { source: source as SessionSource }),
    state: { name: "hibernated" },
  };
}

/** With its symbolic links resolved, as the CLI resolves them. */
function resolveFolder(cwd: string): string {
  try {
    return realpathSync(cwd);
  } catch (cause) {
    throw new SessionError("invalid_request", "The workspace does not exist.", { cause });
  }
}
