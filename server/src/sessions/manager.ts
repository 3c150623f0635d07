/**
 * The heart: every session there is or was, the turns that run in them (turn-runner.ts), and what a person does with
 * them. How a conversation becomes HTTP, and who may ask, is nobody's business here.
 */
import type { Database } from "bun:sqlite";
import { realpathSync, rmSync } from "node:fs";
import { openDatabase } from "../store/database.ts";
import { SessionStore } from "../store/session-store.ts";
import { Acquirer, type Wanted } from "./acquire.ts";
import { Attendance } from "./attendance.ts";
import { Audience, type SessionListener } from "./audience.ts";
import { noRules, reminder } from "./client-tools/choice.ts";
import { checkResults, splitResults } from "./client-tools/results.ts";
import { type Clock, systemClock } from "./clock.ts";
import { complete, type CompleteOptions, type Said } from "./complete.ts";
import { splitConversation } from "./conversation.ts";
import type { ProcessInfo, StartDriver } from "./drivers/driver.ts";
import { SessionError } from "./errors.ts";
import type { SessionEvent } from "./events.ts";
import { fingerprint } from "./fingerprint.ts";
import { Handover } from "./handover.ts";
import { type LaunchDefaults, type LaunchPlan, type LaunchRequest, planLaunch } from "./launch.ts";
import { hibernatedSnapshot, type SessionSnapshot } from "./live-session.ts";
import type { SessionObserver } from "./observer.ts";
import { deleteSession, forkSession, relocateSessions } from "./past-sessions.ts";
import { type ProcessLimits, Processes } from "./processes.ts";
import type { Answer, Prompt } from "./prompts.ts";
import { agentTranscriptPath, transcriptPath } from "./transcripts/location.ts";
import { type TurnListeners, TurnRecords } from "./turn-records.ts";
import { type Turn, type TurnRequest, TurnRunner } from "./turn-runner.ts";
import { Turnstile } from "./turnstile.ts";

export interface SessionManagerOptions extends ProcessLimits, TurnListeners {
  startDriver: StartDriver;
  defaults: LaunchDefaults;
  /** The CLI's config folder, where its transcripts are. */
  configDir: string;
  /** Turns that may wait for another turn of the session that they name, or for a person who has it. */
  sessionQueueLimit: number;
  /** What becomes of turns that name a session in the midst of another turn; `wait` when absent. */
  busySession?: "refuse" | "wait";
  /** What becomes of turns that name a session which a person has to themselves; `refuse` when absent. */
  attended?: "refuse" | "wait";
  /** Milliseconds that nobody looks at such a session after which it is given back; half an hour when absent. */
  unwatchedMs?: number;
  /** Milliseconds of silence in a turn after which its process is given up. */
  watchdogMs: number;
  /** Told of what somebody failed at who follows the sessions. */
  onFollowerFailure?: (error: unknown) => void;
  /** What is kept of sessions; in memory when absent. */
  database?: Database;
  clock?: Clock;
}

export class SessionManager implements AsyncDisposable {
  readonly #options: SessionManagerOptions;
  readonly #clock: Clock;
  readonly #database: Database;
  readonly #store: SessionStore;
  readonly #records: TurnRecords;
  readonly #processes: Processes;
  readonly #acquirer: Acquirer;
  readonly #turnstile: Turnstile;
  readonly #attendance: Attendance;
  readonly #handover: Handover;
  readonly #audience: Audience;
  readonly #turns: TurnRunner;
  #draining = false;

  constructor(options: SessionManagerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#database = options.database ?? openDatabase(":memory:");
    this.#store = new SessionStore(this.#database);
    this.#audience = new Audience(options.onFollowerFailure);
    this.#records = new TurnRecords(this.#store, this.#clock, options);
    this.#turnstile = new Turnstile(options.busySession === "refuse" ? 0 : options.sessionQueueLimit);
    this.#attendance = new Attendance({
      wait: options.attended === "wait",
      queueLimit: options.sessionQueueLimit,
      unwatchedMs: options.unwatchedMs ?? 1_800_000,
      clock: this.#clock,
      onLeft: (session) => void this.#processes.end(session, "nobody looked at it any more"),
    });
    this.#processes = new Processes(options, options.startDriver, this.#clock, {
      onChange: (session) => this.#audience.changed(session),
      onBackgroundTurn: (session, result) => {
        session.observe(result);
        this.#records.finished(session, "background", result, null);
        this.#audience.changed(session);
      },
      onHeldTurnLost: (session, { usage }) =>
        this.#records.lost(session, session.record.source ?? "warm", { usage, costUsd: 0, durationMs: 0 }),
      onLateCost: (session, costUsd) => {
        this.#records.lateCost(session, costUsd);
        // Another process may have gone on with it by now.
        if ((this.#processes.pool.get(session.id) ?? session) === session) this.#audience.changed(session);
      },
      onTranscriptLost: (session) => this.#records.keep((store) => store.forgetTranscript(session.id)),
      // The CLI notes that it was warmed up, which is of no interest without a turn.
      onUnused: ({ id, record }) => rmSync(transcriptPath(options.configDir, record.cwd, id), { force: true }),
      onLaunch: (session) => this.#audience.launched(session),
      onTyped: (session, text) => {
        this.#processes.pool.forgetConversation(session);
        session.typed(text);
        this.#audience.tell((observer) => observer.asked(session.id, [{ type: "text", text }]));
        this.#records.keep((store) => store.save(session.record));
      },
      onAsked: ({ id }, input) => this.#audience.tell((observer) => observer.asked(id, input)),
      onSaid: ({ id }, event) => this.#audience.tell((observer) => observer.said(id, event)),
    });
    this.#acquirer = new Acquirer({
      processes: this.#processes,
      store: this.#store,
      configDir: options.configDir,
      clock: this.#clock,
    });
    this.#handover = new Handover({
      processes: this.#processes,
      acquirer: this.#acquirer,
      turnstile: this.#turnstile,
      attendance: this.#attendance,
      configDir: options.configDir,
      onRestarted: (session) => this.#audience.changed(session),
    });
    this.#turns = new TurnRunner({
      acquirer: this.#acquirer,
      processes: this.#processes,
      records: this.#records,
      clock: this.#clock,
      watchdogMs: options.watchdogMs,
      onFailed: ({ id }, error) => this.#audience.tell((observer) => observer.failed(id, error)),
    });
  }

  /** Every session that has a process, by id, those in mid-turn included. */
  get liveSessions(): ReadonlyMap<string, SessionSnapshot> {
    return new Map([...this.#processes.pool.all()].map((session) => [session.id, session.snapshot()]));
  }

  /** Ids of processes that an earlier manager had left behind and that this one ended. */
  get orphansEnded(): readonly number[] {
    return this.#processes.orphansEnded;
  }

  /** Turns that wait for a process. */
  get waiting(): number {
    return this.#processes.waiting;
  }

  /** What the latest process told about the CLI; null until one has started. */
  get processInfo(): ProcessInfo | null {
    return this.#processes.info;
  }

  /** A session, live or not; null when there never was one with that id. */
  get(id: string): SessionSnapshot | null {
    const live = this.#processes.pool.get(id);
    if (live) return live.snapshot();
    const record = this.#store.get(id);
    return record && hibernatedSnapshot(record);
  }

  /** Where a session's transcript is, or will be, or that of a subagent of it; null when there never was such a session. */
  transcriptPath(id: string, agent?: string): string | null {
    const cwd = this.get(id)?.cwd;
    if (cwd === undefined) return null;
    const { configDir } = this.#options;
    return agent === undefined ? transcriptPath(configDir, cwd, id) : agentTranscriptPath(configDir, cwd, id, agent);
  }

  /** The session of an owner that was active last in a folder; null when there was none. */
  latestIn(cwd: string, owner: string | null = null): SessionSnapshot | null {
    const record = this.#store.latestIn(resolveFolder(cwd), owner);
    return record && this.get(record.id);
  }

  /** The session that an owner means by a name: its id, or a word that they used for it; null when there is none. */
  named(name: string, owner: string | null = null): SessionSnapshot | null {
    return this.get(this.#store.sessionOfKey(ownWord(owner, name)) ?? name);
  }

  /**
   * Sessions, live ones first, then the most recently active.
   *
   * @param owner whose; everybody's when absent
   */
  list(limit: number, owner?: string): SessionSnapshot[] {
    const { pool } = this.#processes;
    const live = [...pool.all()]
      .filter((session) => session.isShown && (owner === undefined || session.record.owner === owner))
      .map((session) => session.snapshot());
    live.sort((a, b) => b.lastActiveAt - a.lastActiveAt);
    const rest = this.#store
      .list(limit, owner)
      .filter((record) => !pool.get(record.id))
      .map(hibernatedSnapshot);
    return [...live, ...rest].slice(0, limit);
  }

  /**
   * Calls back on every change of every session, in the order of events; the return value ends that.
   *
   * @example
   * ```ts
   * import { createSessions } from "@lodge/server/sessions";
   *
   * await using sessions = createSessions({ defaults: { permissionMode: "default" } });
   * // Says yes to whatever an agent asks for, as nobody should.
   * sessions.subscribe((change) => {
   *   if (change.type !== "changed" || change.session.state.name !== "waiting") return;
   *   const { id } = change.session;
   *   for (const prompt of sessions.prompts(id)) void sessions.answer(id, prompt.id, { option: "allow" });
   * });
   * for await (const event of sessions.complete([{ role: "user", content: "Hello" }])) console.log(event.type);
   * ```
   */
  subscribe(listener: SessionListener): () => void {
    return this.#audience.subscribe(listener);
  }

  /** Tells of everything that goes on in any process, those there already included; the return value ends that. */
  observe(observer: SessionObserver): () => void {
    return this.#audience.observe(observer, this.#processes.pool.all());
  }

  /**
   * One turn: what the conversation's last message is answered with, event by event. Send all of the conversation each
   * time, as it was said; its session is found again.
   *
   * @example
   * ```ts
   * import { createSessions, Reply, type Said, textOf } from "@lodge/server/sessions";
   *
   * await using sessions = createSessions();
   * const said: Said[] = [];
   * for (const content of ["Remember the number 7.", "Which number was it?"]) {
   *   said.push({ role: "user", content });
   *   const reply = new Reply();
   *   for await (const event of sessions.complete(said, { mode: "model" })) reply.push(event);
   *   said.push({ role: "assistant", content: reply.content });
   *   console.log(textOf(reply.content));
   * }
   * ```
   *
   * @throws SessionError from the iteration
   */
  complete(said: readonly Said[], options: CompleteOptions = {}): AsyncGenerator<SessionEvent> {
    return complete((request) => this.start(request), said, options);
  }

  /**
   * Starts a turn; resolves when its session has taken it, with which session that is and how it was come by.
   *
   * @example
   * ```ts
   * import { createSessions, SessionError } from "@lodge/server/sessions";
   *
   * await using sessions = createSessions();
   * const content = [{ type: "text" as const, text: "Hello" }];
   * try {
   *   const turn = await sessions.start({ messages: [{ role: "user", content }], launch: { mode: "agent", cwd: "." } });
   *   console.log(turn.sessionId, turn.source, sessions.liveSessions.get(turn.sessionId)?.state.name);
   *   for await (const event of turn.events) if (event.type === "result") console.log(event.text, event.usage);
   * } catch (error) {
   *   if (!(error instanceof SessionError)) throw error;
   *   console.error(error.kind, error.message, error.details.retryAfter);
   * }
   * ```
   *
   * @throws SessionError when no session can be had or none takes the turn
   */
  async start(request: TurnRequest): Promise<Turn> {
    this.#refuseWhileDraining();
    const split = splitConversation(request.messages);
    if (!split) throw new SessionError("invalid_request", "The conversation must end with a message from the user.");
    const askedAt = this.#clock.now();
    const plan = this.#plan(request.launch);
    const word = request.session === undefined ? undefined : this.#ownWord(plan, request.session);
    const { results, rest } = splitResults(split.input);
    checkResults([...split.history, { role: "user", content: split.input }], request.session === undefined);
    if (results.length > 0 && plan.fixed.driver === "terminal") {
      throw new SessionError(
        "invalid_request",
        "messages: the terminal driver takes no tool results. The stream driver does.",
      );
    }
    const rules = request.calls ?? noRules;
    const wanted: Wanted = {
      plan,
      split,
      results,
      words: rest,
      reminder: plan.adjustable.clientTools.length === 0 ? null : reminder(rules),
      history: fingerprint(plan.scope, split.history),
      session: request.session,
      word,
      askedAt,
      sessionMustExist: request.sessionMustExist ?? false,
      injection: request.injection ?? "native_jsonl",
      completeHistory: request.completeHistory ?? (async (history) => history),
      signal: request.signal,
    };
    const leave = word === undefined ? () => {} : await this.#enter(word, request);
    try {
      return await this.#turns.start(request, wanted, leave);
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** Resolves when it is this turn's turn in the session of that name, with the way to leave. */
  async #enter(word: string, { session, signal }: TurnRequest): Promise<() => void> {
    for (;;) {
      const sessionId = this.#store.sessionOfKey(word) ?? session ?? word;
      // Outside the line: a person who goes on with it comes through there too.
      await this.#attendance.free(sessionId, signal);
      const leave = await this.#turnstile.enter(word, signal);
      if (!this.#attendance.has(sessionId)) return leave;
      leave();
    }
  }

  /** Gets a process ready for conversations of this kind, before the first one comes. */
  prepare(launch: LaunchRequest): void {
    this.#processes.prepare(this.#plan(launch));
  }

  /** What the CLI says of itself, its models first of all; starts a process for that if none ever was. */
  async probe(launch: LaunchRequest): Promise<ProcessInfo> {
    if (this.#processes.info) return this.#processes.info;
    const [starting] = this.#processes.pool.all();
    if (starting) return starting.driver.ready;
    const live = await this.#processes.launch({
      plan: this.#plan(launch),
      sessionId: crypto.randomUUID(),
      origin: { type: "new" },
    });
    try {
      return await live.driver.ready;
    } finally {
      await this.#processes.end(live, "probe");
    }
  }

  /** What a session waits for a person to decide; empty when it waits for nothing or has no process. */
  prompts(sessionId: string): readonly Prompt[] {
    return this.#processes.pool.get(sessionId)?.prompts ?? [];
  }

  /**
   * Decides a prompt of a session.
   *
   * @throws SessionError `session_unknown`, `prompt_unknown`, or `invalid_request` when the answer does not fit
   */
  async answer(sessionId: string, promptId: string, answer: Answer): Promise<void> {
    const live = this.#processes.pool.get(sessionId);
    if (!live) throw new SessionError("session_unknown", "There is no live session with that id.");
    await live.driver.answer(promptId, answer);
  }

  /**
   * Starts the interactive CLI for a person, who has the session to themselves until it is ended, or nobody looks at it
   * for long: turns that name it are refused or wait meanwhile. A session that has a process is taken over from it.
   *
   * @param resume id of a session to go on with; `launch` then says nothing of its folder and mode
   * @param by name of the person
   * @throws SessionError `session_unknown`, `session_busy` while a turn is under way, `queue_full`
   */
  async attend(
    launch: Omit<LaunchRequest, "driver">,
    resume?: string,
    by: string | null = null,
  ): Promise<SessionSnapshot> {
    this.#refuseWhileDraining();
    const before = resume === undefined ? null : this.#store.get(resume);
    if (resume !== undefined && !before) throw new SessionError("session_unknown", "There is no session with that id.");
    const plan = this.#plan({ ...launch, ...(before ? { cwd: before.cwd } : {}), driver: "terminal" });
    return this.#handover.attend(plan, before, by);
  }

  /** Whether anybody looks at a session's terminal, for one that a person has to themselves. */
  watch(sessionId: string, isWatched: boolean): void {
    this.#attendance.watch(sessionId, isWatched);
  }

  /** Somebody of that name types in a session from now on. */
  tookKeyboard(sessionId: string, by: string): void {
    this.#attendance.take(sessionId, by);
  }

  /**
   * Ends a session's process, and the turn in it if there is one, and starts another that goes on with it as it was.
   *
   * @throws SessionError `session_unknown` when it has no process; `session_busy`, `queue_full`
   */
  async restart(sessionId: string): Promise<SessionSnapshot> {
    this.#refuseWhileDraining();
    return this.#handover.restart(sessionId);
  }

  /** Asks a session to stop what it does; nothing happens to one that does nothing. */
  async interrupt(sessionId: string): Promise<void> {
    const live = this.#processes.pool.get(sessionId);
    if (!live) throw new SessionError("session_unknown", "There is no live session with that id.");
    await live.driver.interrupt();
  }

  /**
   * Ends a session's process, and the turn in it if there is one. The session can be resumed.
   *
   * @param sparesText whether it is left alone while its prompt holds words that were not sent
   * @throws SessionError `session_unknown`, `unsent_text`
   */
  async end(sessionId: string, sparesText = false): Promise<void> {
    const live = this.#processes.pool.get(sessionId);
    if (!live) throw new SessionError("session_unknown", "There is no live session with that id.");
    if (sparesText && live.driver.terminal?.hasUnsentText) {
      throw new SessionError(
        "unsent_text",
        "The prompt in the terminal holds text that was not sent, and would be lost.",
      );
    }
    await this.#processes.end(live, "somebody ended it");
  }

  /**
   * A session of its own that begins with what another holds.
   *
   * @param at uuid of the message that it ends with; the latest answer when absent
   * @throws SessionError `session_unknown`, `session_busy`, `transcript_unreadable`
   */
  async fork(sessionId: string, at?: string): Promise<SessionSnapshot> {
    const fork = this.get(await forkSession(this.#past(), sessionId, at));
    if (!fork) throw new SessionError("session_unknown", "The fork was deleted at once.");
    this.#audience.announce({ type: "changed", session: fork });
    return fork;
  }

  /**
   * Deletes a session with its transcript; what its turns took stays counted.
   *
   * @throws SessionError `session_unknown`; `session_busy` while a turn is under way or held
   */
  async delete(sessionId: string): Promise<void> {
    const live = this.#processes.pool.get(sessionId);
    if (live && live.state.name !== "ready")
      throw new SessionError("session_busy", "A turn of this session is under way. End the session first.");
    await deleteSession(this.#past(), sessionId, async () => {
      if (live) await this.#processes.end(live, "the session was deleted");
    });
    this.#audience.announce({ type: "removed", id: sessionId });
  }

  /**
   * A folder is called otherwise now: its sessions, and those of folders below it, are gone on with there.
   *
   * @param from absolute, with its links resolved, as is `to`
   */
  async relocate(from: string, to: string): Promise<void> {
    await relocateSessions(this.#past(), from, to);
  }

  /** Ends the processes of a folder, and of those below it, that do nothing. False when one is in a turn, or held by somebody. */
  async clear(folder: string): Promise<boolean> {
    const within = [...this.#processes.pool.all()].filter(({ plan }) => {
      const { cwd } = plan.fixed;
      return cwd === folder || cwd.startsWith(`${folder}/`);
    });
    const isIdle = within.every(({ state, isAttended }) => state.name === "ready" && !isAttended);
    if (!isIdle) return false;
    await Promise.all(within.map((live) => this.#processes.end(live, "its workspace goes away")));
    return true;
  }

  #past() {
    return { store: this.#store, configDir: this.#options.configDir, now: this.#clock.now() };
  }

  /**
   * No new turns; those under way have so long to finish; then every process is ended.
   *
   * @param graceMs milliseconds
   */
  async drain(graceMs: number): Promise<void> {
    this.#draining = true;
    this.#attendance.close();
    this.#processes.close();
    await this.#turns.drain(graceMs);
    await this.#processes.endAll();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain(0);
    this.#audience.dismiss();
    // A database that was handed in belongs to whoever did.
    if (!this.#options.database) this.#database.close();
  }

  /**
   * @throws SessionError `not_permitted` when the name is of somebody else's session; without an owner one may have any
   */
  #ownWord({ fixed: { owner } }: LaunchPlan, name: string): string {
    const named = owner === null ? null : this.named(name, owner);
    if (named && named.owner !== owner) {
      throw new SessionError("not_permitted", `The session ${JSON.stringify(name)} belongs to another API key.`);
    }
    return ownWord(owner, name);
  }

  #refuseWhileDraining(): void {
    if (this.#draining) throw new SessionError("draining", "The server is shutting down.");
  }

  #plan(launch: LaunchRequest): LaunchPlan {
    return planLaunch({ ...launch, cwd: resolveFolder(launch.cwd) }, this.#options.defaults);
  }
}

/** What a word is kept as: each owner has words of their own. */
const ownWord = (owner: string | null, word: string): string => (owner === null ? word : `${owner}:${word}`);

/** With its symbolic links resolved, as the CLI resolves them. */
function resolveFolder(cwd: string): string {
  try {
    return realpathSync(cwd);
  } catch (cause) {
    throw new SessionError("invalid_request", "The workspace does not exist.", { cause });
  }
}
