/**
 * The processes behind the live sessions: started when a slot is free, held ready, and ended when they are idle, in the
 * way, or dead. Which session a conversation gets is decided elsewhere (manager.ts).
 */
import type { SessionRecord } from "../store/session-store.ts";
import type { HeldTurn } from "./active-turn.ts";
import type { Clock } from "./clock.ts";
import type { UserBlock } from "./conversation.ts";
import type { Origin, ProcessInfo, StartDriver } from "./drivers/driver.ts";
import { SessionError } from "./errors.ts";
import type { ResultEvent, SessionEvent } from "./events.ts";
import { type Fingerprint, fingerprint } from "./fingerprint.ts";
import type { LaunchPlan } from "./launch.ts";
import { LiveSession } from "./live-session.ts";
import { PidFiles } from "./pid-files.ts";
import { Pool } from "./pool.ts";
import { type Slot, Slots } from "./slots.ts";

export interface ProcessLimits {
  /** Processes at one time. */
  maxLive: number;
  /** Turns that may wait for a process. */
  queueLimit: number;
  /** Processes that wait warm for new conversations, for each plan in recent use. */
  spares: number;
  /** Milliseconds after which a process that has nothing to do is ended. */
  idleMs: number;
  /** Milliseconds that a permission prompt or question may wait for a person; then the answer is no. */
  answerMs: number;
  /** Milliseconds that a turn waits for the results of the client's tools with its process; then without. */
  holdMs: number;
  /** Folder for notes on running processes, by which the next start finds orphans; none are kept when absent. */
  pidFolder?: string | undefined;
}

export interface Launch {
  plan: LaunchPlan;
  sessionId: string;
  origin: Origin;
  /** What is known of the session from before. */
  record?: SessionRecord | undefined;
  /** It is for a person to have to themselves. */
  isAttended?: boolean;
  /** It is to wait for a conversation that nobody has begun yet. */
  isSpare?: boolean;
  /** Aborting gives up the wait for a slot. */
  signal?: AbortSignal | undefined;
}

/** Told of what happens in any of the processes. */
export interface ProcessListener {
  onChange(session: LiveSession): void;
  onBackgroundTurn(session: LiveSession, result: ResultEvent): void;
  /** A turn that waited for results has lost its process. */
  onHeldTurnLost(session: LiveSession, held: HeldTurn): void;
  /** What a turn cost that was broken off, told when it was over already: US dollars. */
  onLateCost(session: LiveSession, costUsd: number): void;
  onTranscriptLost(session: LiveSession): void;
  /** Its process is gone, and nobody ever had a turn of it. */
  onUnused(session: LiveSession): void;
  onLaunch(session: LiveSession): void;
  onTyped(session: LiveSession, text: string): void;
  onAsked(session: LiveSession, input: readonly UserBlock[]): void;
  onSaid(session: LiveSession, event: SessionEvent): void;
}

/** Plans that spares are held for; the one used longest ago makes room. */
const maxRecentPlans = 4;

export class Processes {
  readonly pool: Pool;
  /** Ids of processes that an earlier server had left behind. */
  readonly orphansEnded: readonly number[];
  readonly #limits: ProcessLimits;
  readonly #startDriver: StartDriver;
  readonly #clock: Clock;
  readonly #listener: ProcessListener;
  readonly #slots: Slots;
  readonly #pidFiles: PidFiles | undefined;
  readonly #endings = new Map<LiveSession, Promise<void>>();
  readonly #recentPlans = new Map<string, { plan: LaunchPlan; at: number }>();
  #info: ProcessInfo | null = null;
  /** Until it turns out that it cannot be done here. */
  #warmsUp = true;
  #closed = false;

  constructor(limits: ProcessLimits, startDriver: StartDriver, clock: Clock, listener: ProcessListener) {
    this.#limits = limits;
    this.#startDriver = startDriver;
    this.#clock = clock;
    this.#listener = listener;
    this.#slots = new Slots(limits.maxLive, limits.queueLimit);
    this.#pidFiles = limits.pidFolder === undefined ? undefined : new PidFiles(limits.pidFolder);
    this.orphansEnded = this.#pidFiles?.endOrphans() ?? [];
    this.pool = new Pool(clock, limits.idleMs, (session) => void this.end(session, "idle"));
  }

  /** Turns that wait for a process. */
  get waiting(): number {
    return this.#slots.waiting;
  }

  /** What the latest process told about the CLI; null until one has started. */
  get info(): ProcessInfo | null {
    return this.#info;
  }

  /**
   * Starts a process as soon as a slot is free. It can be sent a turn at once; `driver.ready` tells how it got on.
   *
   * @throws SessionError `queue_full`, `aborted`, `draining`
   */
  async launch({ plan, sessionId, origin, record, isAttended, isSpare, signal }: Launch): Promise<LiveSession> {
    const slot = await this.#slots.acquire(signal, () => this.#relieve(1));
    if (this.#closed) {
      slot.release();
      throw new SessionError("draining", "The server is shutting down.");
    }
    const live: LiveSession = orRelease(
      slot,
      () =>
        new LiveSession({
          id: sessionId,
          plan,
          startDriver: (onPrompts) =>
            this.#startDriver({
              plan,
              sessionId,
              origin,
              isAttended,
              isSpare,
              onPrompts,
              onBackgroundTurn: (result) => this.#listener.onBackgroundTurn(live, result),
              onLateCost: (costUsd) => this.#listener.onLateCost(live, costUsd),
              onTranscriptLost: () => this.#listener.onTranscriptLost(live),
              onTyped: (text) => this.#listener.onTyped(live, text),
            }),
          slot,
          clock: this.#clock,
          answerMs: this.#limits.answerMs,
          record,
          onChange: (session) => this.#listener.onChange(session),
          onAsked: (session, input) => this.#listener.onAsked(session, input),
          onSaid: (session, event) => this.#listener.onSaid(session, event),
        }),
    );
    this.pool.add(live);
    this.#listener.onLaunch(live);
    this.#note(live);
    live.driver.ready.then(
      (info) => {
        this.#info = info;
      },
      () => {},
    );
    void live.driver.exited.then(() => this.#gone(live));
    return live;
  }

  /** Ready for its next message: whoever holds the conversation of its fingerprint may have it. */
  release(live: LiveSession): void {
    if (this.#closed) return void this.end(live, "shutdown");
    live.becomeReady();
    this.pool.release(live);
    this.#relieve();
    // After the reply is out: a process that starts up takes its share of the machine.
    queueMicrotask(() => this.#replenish());
  }

  /** In the midst of a turn that waits for the client's results: whoever brings them may have it. */
  hold(live: LiveSession): void {
    if (this.#closed) return void this.end(live, "shutdown");
    this.pool.hold(live, this.#limits.holdMs, () => void this.end(live, "its tool calls were not answered in time"));
    this.#relieve();
  }

  /** Keeps a process that a person must answer first: ready when they have, ended when they do not come. */
  async park(live: LiveSession): Promise<void> {
    const { promise: settled, resolve } = Promise.withResolvers<"answered" | "late">();
    using _late = this.#clock.after(this.#limits.answerMs, () => resolve("late"));
    using _watch = live.watchPrompts(() => {
      if (live.prompts.length === 0) resolve("answered");
    });
    void live.driver.exited.then(() => resolve("late"));
    if (live.prompts.length === 0) resolve("answered");
    const answered = (await settled) === "answered";
    const ready =
      answered &&
      (await live.driver.ready.then(
        () => true,
        () => false,
      ));
    if (!ready || live.state.name === "ending" || live.state.name === "ended")
      return void this.end(live, "nobody answered it");
    if (!live.hasHistory) live.fingerprint = fingerprint(live.plan.scope, []);
    this.release(live);
  }

  /** Gives a session that was started apart from any turn to whoever holds the conversation of that fingerprint. */
  async releaseWhenReady(live: LiveSession, held: Fingerprint | null): Promise<void> {
    await live.driver.ready;
    if (live.state.name !== "starting") return;
    live.fingerprint = held;
    live.becomeReady();
    this.pool.release(live);
    this.#relieve();
  }

  /** Ends a process; resolves when it is gone. Nobody gets its session from now on. */
  end(live: LiveSession, reason: string): Promise<void> {
    let ending = this.#endings.get(live);
    if (!ending) {
      // A process that died by itself has been seen off already.
      if (live.state.name === "ended") return Promise.resolve();
      ending = live.driver.end().then(() => this.#gone(live));
      this.#endings.set(live, ending);
      this.pool.withdraw(live);
      live.becomeEnding(reason);
    }
    return ending;
  }

  /** The end of a process that is being ended, if it is. */
  ending(live: LiveSession): Promise<void> | undefined {
    return this.#endings.get(live);
  }

  /** Holds spares for this plan from now on, while it is in use. */
  remember(plan: LaunchPlan): void {
    const kind = `${plan.key} ${plan.isPlain}`;
    this.#recentPlans.delete(kind);
    this.#recentPlans.set(kind, { plan, at: this.#clock.now() });
    const [oldest] = this.#recentPlans.keys();
    if (this.#recentPlans.size > maxRecentPlans && oldest !== undefined) this.#recentPlans.delete(oldest);
  }

  /** Holds spares for this plan, the first of them as soon as can be. */
  prepare(plan: LaunchPlan): void {
    this.remember(plan);
    // What the first process needs takes a fifth of a second to load: whoever waits for the server is told first that it is there.
    setImmediate(() => this.#replenish());
  }

  /** No new processes. */
  close(): void {
    this.#closed = true;
  }

  async endAll(): Promise<void> {
    await Promise.all([...this.pool.all()].map((session) => this.end(session, "shutdown")));
  }

  #note(live: LiveSession): void {
    const note = () => {
      const { pid } = live.driver;
      if (pid === undefined || !this.#pidFiles) return;
      this.#pidFiles.add(pid, live.id);
      void live.driver.exited.then(() => this.#pidFiles?.remove(pid));
    };
    if (live.driver.pid !== undefined) note();
    // A driver may have something to prepare before it starts its process.
    else live.driver.ready.then(note, () => {});
  }

  /** The process is no more, however that came. */
  #gone(live: LiveSession): void {
    if (live.state.name === "ended") return;
    this.pool.remove(live);
    if (live.held) this.#listener.onHeldTurnLost(live, live.held);
    this.#endings.delete(live);
    live.becomeEnded();
    if (!live.hasHistory) this.#listener.onUnused(live);
    live.slot.release();
    this.#relieve();
  }

  /** Ends idle processes for as many as wait and are not yet provided for. */
  #relieve(coming = 0): void {
    while (this.#slots.waiting + coming > this.#endings.size) {
      const least = this.pool.takeLeastNeeded();
      if (!least) return;
      void this.end(least, "room");
    }
  }

  /** Starts spares for the plans in recent use, as far as slots are free for the taking. */
  #replenish(): void {
    const since = this.#clock.now() - this.#limits.idleMs;
    for (const { plan, at } of [...this.#recentPlans.values()].toReversed()) {
      if (at < since) continue;
      for (let count = this.pool.countSpares(plan); count < this.#limits.spares && this.#slots.free; count++) {
        // What is wrong is told to the turn that needs a process.
        if (!this.#closed) void this.#startSpare(plan).catch(() => {});
      }
    }
  }

  async #startSpare(plan: LaunchPlan): Promise<void> {
    const origin: Origin = { type: "new" };
    const live = await this.launch({ plan, sessionId: crypto.randomUUID(), origin, isSpare: this.#warmsUp });
    await live.driver.ready;
    if (this.#warmsUp) {
      try {
        await live.driver.warmUp?.();
      } catch {
        // Whatever it was, the next one begins cold.
        this.#warmsUp = false;
        return void this.end(live, "it could not be warmed up");
      }
    }
    await this.releaseWhenReady(live, fingerprint(plan.scope, []));
  }
}

/** What the system refuses to start at once takes no slot with it. */
function orRelease<T>(slot: Slot, start: () => T): T {
  try {
    return start();
  } catch (error) {
    slot.release();
    throw error;
  }
}
