/**
 * Runs turns: gets each a session (acquire.ts), follows it to its end (active-turn.ts), and puts the session back with
 * what the turn left behind (turn-records.ts).
 */
import type { SessionSource } from "@lodge/shared";
import type { Acquirer, HistoryInjection, Lease, Wanted } from "./acquire.ts";
import { ActiveTurn, type TurnOutcome } from "./active-turn.ts";
import { type CallRules, noRules } from "./client-tools/choice.ts";
import type { Clock } from "./clock.ts";
import type { Message } from "./conversation.ts";
import { SessionError } from "./errors.ts";
import type { SessionEvent, Usage } from "./events.ts";
import { extendFingerprint } from "./fingerprint.ts";
import type { LaunchRequest } from "./launch.ts";
import type { LiveSession } from "./live-session.ts";
import type { Processes } from "./processes.ts";
import type { TurnRecords } from "./turn-records.ts";

export interface TurnRequest {
  /** The whole conversation, as a stateless client holds it; the last message is the user's. */
  messages: readonly Message[];
  launch: LaunchRequest;
  /** How the model is to choose among `launch.clientTools`; as it likes when absent. */
  calls?: CallRules | undefined;
  /** Names a session, by its id or by any word of the caller's: the same word is the same conversation. */
  session?: string | undefined;
  /** Whether that session must be there already; otherwise a name that is not known begins a new conversation. */
  sessionMustExist?: boolean;
  /** How a history that no session of ours lived through is told to one; `native_jsonl` when absent. */
  injection?: HistoryInjection | undefined;
  /**
   * Fetches what the messages up to the last of the assistant have only URLs of; called when no session knows them, so that
   * they must be told to one. What the user says since must be there at once.
   */
  completeHistory?: ((history: readonly Message[]) => Promise<readonly Message[]>) | undefined;
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
  /**
   * For one reader: up to and with one `result` or `calls_held`, or a thrown `SessionError`. A reader who stops early ends
   * the turn; one who has seen `calls_held` has had all of it until the results come.
   */
  readonly events: AsyncIterable<SessionEvent>;
  /**
   * Its reader has heard enough: the turn ends there, unless it is to keep running. Resolves with what this request took of
   * it, to the token as it is kept.
   */
  cut(): Promise<Usage>;
}

export interface TurnRunnerParts {
  acquirer: Acquirer;
  processes: Processes;
  records: TurnRecords;
  clock: Clock;
  /** Milliseconds of silence in a turn after which its process is given up. */
  watchdogMs: number;
  /** Told of a turn that came to no result. */
  onFailed: (live: LiveSession, error: SessionError) => void;
}

/** Times that a turn is tried on another session when the one it got turns out to be dead before it takes the turn. */
const maxAttempts = 3;

export class TurnRunner {
  readonly #parts: TurnRunnerParts;
  readonly #turns = new Set<ActiveTurn>();
  #waiting: (() => void)[] = [];

  constructor(parts: TurnRunnerParts) {
    this.#parts = parts;
  }

  /**
   * Those under way have so long to finish; then they are stopped.
   *
   * @param graceMs milliseconds
   */
  async drain(graceMs: number): Promise<void> {
    if (this.#turns.size > 0) {
      const { promise: over, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      using _timer = this.#parts.clock.after(graceMs, resolve);
      await over;
    }
    for (const turn of this.#turns) turn.stop(new SessionError("draining", "The server is shutting down."));
  }

  /**
   * Resolves when a session has taken the turn.
   *
   * @param leave called when the turn is over, unless it was never taken
   * @throws SessionError when no session can be had or none takes the turn
   */
  async start(request: TurnRequest, wanted: Wanted, leave: () => void): Promise<Turn> {
    const unreadable = new Set<string>();
    for (let attempt = 1; ; attempt++) {
      const lease = await this.#parts.acquirer.acquire(wanted, unreadable);
      const turn = this.#run(request, wanted, lease, leave);
      try {
        const { model } = await turn.started;
        const { live, source } = lease;
        const keepRunning = request.keepRunning ?? false;
        const events = readOnce(turn, keepRunning);
        return { sessionId: live.id, source, model, events, cut: () => turn.cut(keepRunning) };
      } catch (error) {
        const another = attempt < maxAttempts && !request.signal?.aborted && wasDead(error, lease);
        if (!another) throw error;
        if (error.kind === "transcript_unreadable" && lease.from !== undefined) unreadable.add(lease.from);
      }
    }
  }

  #run(request: TurnRequest, wanted: Wanted, lease: Lease, leave: () => void): ActiveTurn {
    const { live, source, beginning } = lease;
    const { signal, session, keepRunning } = request;
    const turn = new ActiveTurn(
      live,
      this.#parts.clock,
      {
        watchdogMs: this.#parts.watchdogMs,
        timeoutMs: request.timeoutMs ?? null,
      },
      request.calls ?? noRules,
    );
    this.#turns.add(turn);
    if (beginning.type === "results") live.goOn();
    else live.begin(wanted.split.input, source);

    const onAbort = () => {
      if (keepRunning) turn.detach();
      else turn.stop(new SessionError("aborted", "The client went away."));
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    void turn.run(beginning, (outcome) => {
      signal?.removeEventListener("abort", onAbort);
      this.#turns.delete(turn);
      const firstTokenMs = turn.firstTokenAt === null ? null : turn.firstTokenAt - wanted.askedAt;
      this.#finish(wanted, lease, outcome, firstTokenMs);
      if (this.#turns.size === 0) for (const resolve of this.#waiting.splice(0)) resolve();
      // A turn that its session never took may be tried elsewhere, still as the only one of its name.
      if (turn.wasTaken) leave();
    });
    if (signal?.aborted) onAbort();
    const keep = () =>
      this.#parts.records.keep((store) => {
        if (!turn.isOver) store.save(live.record);
        if (wanted.word !== undefined) store.setKey(wanted.word, live.id);
      });
    // Once the message is on its way, unless the next turn looks for the session by its name.
    if (session === undefined) setImmediate(keep);
    else keep();
    return turn;
  }

  #finish(
    { split, history, askedAt }: Wanted,
    { live, source }: Lease,
    outcome: TurnOutcome,
    firstTokenMs: number | null,
  ): void {
    if (outcome.type === "failed" && outcome.error.kind === "session_waiting") {
      live.revert();
      void this.#parts.processes.park(live);
      return;
    }
    if (outcome.type === "failed") {
      this.#parts.onFailed(live, outcome.error);
      const { usage, durationMs, error } = outcome;
      this.#parts.records.lost(live, source, { usage, costUsd: error.details.costUsd ?? 0, durationMs, firstTokenMs });
      // Both travel on the same line: the turn is broken off, then the process is told to go.
      live.driver.interrupt().catch(() => {});
      void this.#parts.processes.end(live, outcome.error.kind);
      return;
    }
    const asked = extendFingerprint(history, { role: "user", content: split.input });
    const said = extendFingerprint(asked, { role: "assistant", content: outcome.reply.content });
    if (outcome.type === "held") {
      live.hold(outcome.held, said);
      this.#parts.records.keep((store) => store.savePoint(live.record, said));
      this.#parts.processes.hold(live);
      return;
    }
    live.fingerprint = live.wasTypedIn ? null : said;
    // The CLI counts from when it has the message; here a process may have had to start before.
    const durationMs = Math.max(outcome.result.durationMs, this.#parts.clock.now() - askedAt);
    this.#parts.records.finished(live, source, { ...outcome.result, durationMs, firstTokenMs }, live.fingerprint);
    // The CLI counts a budget over the whole life of a process.
    if (live.plan.fixed.maxBudgetUsd === null) this.#parts.processes.release(live);
    else void this.#parts.processes.end(live, "it had a budget for one turn");
  }
}

/** Whether the turn never began because its session was not what it seemed, so that another may do. */
function wasDead(error: unknown, { source }: Lease): error is SessionError {
  if (!(error instanceof SessionError) || source === "cold" || source === "seeded") return false;
  return error.kind === "process_died" || error.kind === "transcript_unreadable";
}

async function* readOnce(turn: ActiveTurn, keepRunning: boolean): AsyncGenerator<SessionEvent> {
  let complete = false;
  try {
    for await (const event of turn.events) {
      complete = event.type === "result" || event.type === "calls_held";
      yield event;
    }
  } finally {
    if (!complete && !keepRunning) turn.stop(new SessionError("aborted", "The reader of the turn went away."));
  }
}
