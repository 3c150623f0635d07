/**
 * One turn on one live session, from the first message to the result: it runs by itself, under a watchdog, whether or
 * not anybody reads. Its events wait in a bounded channel for the one reader.
 */
import { Channel } from "./channel.ts";
import type { Clock } from "./clock.ts";
import type { UserBlock } from "./conversation.ts";
import { SessionError } from "./errors.ts";
import type { ResultEvent, SessionEvent, StartedEvent } from "./events.ts";
import type { LiveSession } from "./live-session.ts";
import { Reply } from "./reply.ts";

/** Events that wait for a slow reader before the session is held up. */
const eventCapacity = 256;

export interface TurnLimits {
  /** Milliseconds of silence from the process after which it is given up. Time in which a tool runs or a person is asked does not count. */
  watchdogMs: number;
  /** Milliseconds for the whole turn; null for no limit. */
  timeoutMs: number | null;
}

export type TurnOutcome =
  | { type: "finished"; result: ResultEvent; reply: Reply }
  | { type: "failed"; error: SessionError };

export class ActiveTurn {
  /** For one reader. Ends after the `result`, or throws a `SessionError`. */
  readonly events = new Channel<SessionEvent>(eventCapacity);
  /** The process has taken the turn; rejects with the failure when it never does. */
  readonly started: Promise<StartedEvent>;

  readonly #live: LiveSession;
  readonly #clock: Clock;
  readonly #limits: TurnLimits;
  readonly #started = Promise.withResolvers<StartedEvent>();
  readonly #runningTools = new Set<string>();
  #toolsQuietSince = 0;
  #taken = false;
  #over = false;

  constructor(live: LiveSession, clock: Clock, limits: TurnLimits) {
    this.#live = live;
    this.#clock = clock;
    this.#limits = limits;
    this.started = this.#started.promise;
    this.started.catch(() => {});
  }

  get isOver(): boolean {
    return this.#over;
  }

  /** Whether the process ever took it. */
  get wasTaken(): boolean {
    return this.#taken;
  }

  /** Ends the turn early. The process is given up with it: its transcript no longer is what a client believes. */
  stop(error: SessionError): void {
    this.#live.driver.abandonTurn(error);
    // Wakes the turn if it waits for its reader.
    this.events.fail(error);
  }

  /** The reader is gone but the turn goes on. */
  detach(): void {
    this.events.close();
  }

  /**
   * Runs the turn to its end.
   *
   * @param finish called with the outcome before the reader learns of it, so that a client who answers at once finds
   * its session released
   */
  async run(input: readonly UserBlock[], finish: (outcome: TurnOutcome) => void): Promise<void> {
    using stack = new DisposableStack();
    this.#guard(stack);
    stack.use(this.#live.watchPrompts(() => this.#giveWayToDialog()));
    const reply = new Reply();
    try {
      for await (const event of this.#live.driver.turn(input)) {
        this.#track(event);
        this.#live.observe(event);
        reply.push(event);
        if (event.type === "started") this.#take(event);
        // An answer without a beginning was taken all the same.
        if (event.type === "result" && !this.#taken) {
          this.#take({ type: "started", sessionId: event.sessionId, model: this.#live.record.model, tools: [] });
        }
        if (event.type === "result") {
          stack.dispose();
          this.#over = true;
          finish({ type: "finished", result: event, reply });
          void this.events.push(event);
          this.events.close();
          return;
        }
        await this.events.push(event);
      }
      throw new SessionError("process_died", "The session ended the turn without a result.");
    } catch (cause) {
      const error =
        cause instanceof SessionError
          ? cause
          : new SessionError("process_died", "The session failed unexpectedly.", { cause });
      stack.dispose();
      this.#over = true;
      finish({ type: "failed", error });
      this.#started.reject(error);
      this.events.fail(error);
    }
  }

  #take(event: StartedEvent): void {
    this.#taken = true;
    this.#started.resolve(event);
  }

  /** Nothing is typed into a dialog: the turn comes again when a person has answered it. */
  #giveWayToDialog(): void {
    const dialog = this.#live.prompts.find(({ reason }) => reason === "dialog");
    if (!dialog || this.#taken) return;
    this.stop(
      new SessionError(
        "session_waiting",
        `The session waits for a person: ${dialog.title} Answer it in the dashboard or by POST /api/sessions/${this.#live.id}/answers.`,
        { retryAfter: 10 },
      ),
    );
  }

  #guard(stack: DisposableStack): void {
    const { watchdogMs, timeoutMs } = this.#limits;
    if (timeoutMs !== null) {
      stack.use(
        this.#clock.after(timeoutMs, () =>
          this.stop(new SessionError("turn_timeout", `The turn took longer than its limit of ${timeoutMs / 1000} s.`)),
        ),
      );
    }
    let timer: Disposable | undefined;
    stack.defer(() => timer?.[Symbol.dispose]());
    const watch = (ms: number) => {
      timer = this.#clock.after(ms, () => {
        if (this.#runningTools.size > 0 || this.#live.prompts.length > 0) return watch(watchdogMs);
        const quiet = this.#clock.now() - Math.max(this.#live.driver.lastActivity, this.#toolsQuietSince);
        if (quiet < watchdogMs) return watch(watchdogMs - quiet);
        this.stop(new SessionError("watchdog", `The session said nothing for ${watchdogMs / 1000} s and was ended.`));
      });
    };
    watch(watchdogMs);
  }

  /** A tool may rightly be silent for long; the model may not. */
  #track(event: SessionEvent): void {
    if (event.type === "assistant") {
      for (const block of event.content) if (block.type === "tool_use") this.#runningTools.add(block.id);
    }
    if (event.type === "tool_result" && this.#runningTools.delete(event.result.tool_use_id)) {
      this.#toolsQuietSince = this.#clock.now();
    }
  }
}
