/**
 * What one request gets of a turn on one live session: from the first message, or from the results of the client's tools,
 * to the final result or to the next calls of such tools. It runs by itself, under a watchdog, whether or not anybody
 * reads. Its events wait in a bounded channel for the one reader.
 */
import { Channel } from "./channel.ts";
import { CallCheck, type CallRules, onlyOneCall } from "./client-tools/choice.ts";
import type { Clock } from "./clock.ts";
import type { ToolResultBlock, ToolUseBlock, UserBlock } from "./conversation.ts";
import { SessionError } from "./errors.ts";
import {
  addUsage,
  noUsage,
  type ResultEvent,
  type SessionEvent,
  type StartedEvent,
  subtractUsage,
  type Usage,
} from "./events.ts";
import { putHelpersBehind } from "./helper-threads.ts";
import type { LiveSession } from "./live-session.ts";
import { Meter } from "./meter.ts";
import { Reply } from "./reply.ts";
import { Structured } from "./structured.ts";

/** Events that wait for a slow reader before the session is held up. */
const eventCapacity = 256;
/**
 * Milliseconds from the beginning until the process's helper threads are looked for: it begins them in its first steps,
 * and anew in a turn that comes ten seconds after the last. A process that has yet to start has them when it has taken
 * the turn.
 */
const helperLooksMs = [3, 6, 12];

export interface TurnLimits {
  /** Milliseconds of silence from the process after which it is given up. Time in which a tool runs or a person is asked does not count. */
  watchdogMs: number;
  /** Milliseconds for the whole turn; null for no limit. */
  timeoutMs: number | null;
}

/** A turn that waits for results. Its process stays in the midst of it. */
export interface HeldTurn {
  /** What it waits for. */
  calls: ToolUseBlock[];
  /** The rest of its events. */
  steps: AsyncIterator<SessionEvent>;
  /** What has been reported of it so far. */
  usage: Usage;
  /** Tools that ran when it was held, the session's own among them. */
  runningTools: ReadonlySet<string>;
}

export type TurnBeginning =
  /** A new turn. */
  | { type: "message"; input: readonly UserBlock[] }
  /** A held turn goes on; `input` is what the user says beside the results. */
  | { type: "results"; held: HeldTurn; results: readonly ToolResultBlock[]; input: readonly UserBlock[] };

export type TurnOutcome =
  | { type: "finished"; result: ResultEvent; reply: Reply }
  | { type: "held"; held: HeldTurn; reply: Reply }
  /** It came to no result; the usage is what is known of the whole turn. */
  | { type: "failed"; error: SessionError; usage: Usage; durationMs: number };

export class ActiveTurn {
  /** For one reader. Ends after `result` or `calls_held`, or throws a `SessionError`. */
  readonly events = new Channel<SessionEvent>(eventCapacity);
  /** The process has taken the turn; rejects with the failure when it never does. */
  readonly started: Promise<StartedEvent>;

  readonly #live: LiveSession;
  readonly #clock: Clock;
  readonly #limits: TurnLimits;
  readonly #started = Promise.withResolvers<StartedEvent>();
  readonly #runningTools = new Set<string>();
  readonly #check: CallCheck;
  #toolsQuietSince = 0;
  readonly #beganAt: number;
  /** Of what happened since the request came. */
  readonly #meter = new Meter();
  readonly #share = Promise.withResolvers<Usage>();
  #firstTokenAt: number | null = null;
  #taken = false;
  #over = false;
  #stopped: SessionError | undefined;

  constructor(live: LiveSession, clock: Clock, limits: TurnLimits, rules: CallRules) {
    this.#live = live;
    this.#clock = clock;
    this.#limits = limits;
    this.#check = new CallCheck(rules);
    this.#beganAt = clock.now();
    this.started = this.#started.promise;
    this.started.catch(() => {});
  }

  get isOver(): boolean {
    return this.#over;
  }

  /** When the model's first words came, or thoughts, or the first of a call; null while none have. */
  get firstTokenAt(): number | null {
    return this.#firstTokenAt;
  }

  /** Whether the process ever took it. */
  get wasTaken(): boolean {
    return this.#taken;
  }

  /** Ends the turn early. The process is given up with it: its transcript no longer is what a client believes. */
  stop(error: SessionError): void {
    // A held turn is nobody's to end who has had his part of it.
    if (this.#over) return;
    this.#stopped ??= error;
    this.#live.driver.abandonTurn(error);
    // Wakes the turn if it waits for its reader.
    this.events.fail(error);
  }

  /**
   * Its reader has heard enough, and the turn ends there unless it is to go on without one. Resolves with what this
   * request took of it: where it ends, exactly what is kept of it.
   */
  async cut(goesOn: boolean): Promise<Usage> {
    if (goesOn) {
      this.detach();
      return this.#meter.usage;
    }
    this.stop(new SessionError("aborted", "The reply has reached a limit that its client set."));
    return this.#share.promise;
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
  async run(beginning: TurnBeginning, finish: (outcome: TurnOutcome) => void): Promise<void> {
    using stack = new DisposableStack();
    this.#guard(stack);
    for (const ms of helperLooksMs) stack.use(this.#clock.after(ms, () => this.#putHelpersBehind()));
    stack.use(this.#live.watchPrompts(() => this.#giveWayToDialog()));
    const reply = new Reply();
    // What a client of a document gets to see; whether it was shown piece by piece makes no difference to what it was.
    const structured = this.#live.plan.fixed.outputFormat === null ? null : new Structured({ live: false });
    const before = beginning.type === "results" ? beginning.held.usage : noUsage;
    let steps: AsyncIterator<SessionEvent> | undefined;
    const conclude = (outcome: TurnOutcome, share: Usage) => {
      stack.dispose();
      this.#over = true;
      if (outcome.type !== "held") void steps?.return?.();
      finish(outcome);
      this.#share.resolve(share);
    };
    try {
      steps = await this.#begin(beginning);
      for (;;) {
        // Not a loop over the events: that would end the process's turn where only this request's part of it ends.
        const step = await steps.next();
        if (step.done) break;
        const event = this.#ruled(step.value);
        this.#track(event);
        this.#live.observe(event);
        for (const seen of structured?.push(event) ?? [event]) reply.push(seen);
        if (event.type === "started") this.#take(event);
        // An answer without a beginning was taken all the same.
        if (event.type === "result" && !this.#taken) {
          this.#take({ type: "started", sessionId: event.sessionId, model: this.#live.record.model, tools: [] });
        }
        if (event.type === "result") {
          // A document is given by a call of the CLI's own tool, which is then the end.
          if (event.stopReason === "end_turn" || event.stopReason === "tool_use") this.#check.finish();
          const usage = subtractUsage(event.usage, before);
          conclude({ type: "finished", result: event, reply }, usage);
          void this.events.push({ ...event, usage });
          this.events.close();
          return;
        }
        await this.events.push(event);
        if (event.type !== "message_stop") continue;
        const calls = reply.content.filter((block) => block.type === "tool_use");
        if (calls.length > 0) {
          // Whoever was to get the calls may have left while the last of them waited to be read.
          if (this.#stopped) throw this.#stopped;
          if (event.stopReason !== "tool_use") {
            throw new SessionError("api_error", "The model's answer was cut off in the midst of a tool call.");
          }
          const { usage } = this.#meter;
          const held = { calls, steps, usage: addUsage(before, usage), runningTools: this.#runningTools };
          conclude({ type: "held", held, reply }, usage);
          void this.events.push({ type: "calls_held", calls, usage });
          this.events.close();
          return;
        }
      }
      throw new SessionError("process_died", "The session ended the turn without a result.");
    } catch (cause) {
      const error =
        cause instanceof SessionError
          ? cause
          : new SessionError("process_died", "The session failed unexpectedly.", { cause });
      const { usage } = this.#meter;
      const durationMs = this.#clock.now() - this.#beganAt;
      conclude({ type: "failed", error, usage: addUsage(before, usage), durationMs }, usage);
      this.#started.reject(error);
      this.events.fail(error);
    }
  }

  async #begin(beginning: TurnBeginning): Promise<AsyncIterator<SessionEvent>> {
    const { driver, id, record } = this.#live;
    if (beginning.type === "message") return driver.turn(beginning.input)[Symbol.asyncIterator]();
    const { held, results, input } = beginning;
    for (const tool of held.runningTools) this.#runningTools.add(tool);
    this.#take({ type: "started", sessionId: id, model: record.model, tools: [] });
    if (input.length > 0) await driver.say(input);
    driver.giveResults(results);
    return held.steps;
  }

  /** Hides a call that the client does not take, and tells the model so. */
  #ruled(event: SessionEvent): SessionEvent {
    if (event.type === "message_start") this.#check.messageStarts();
    if (event.type !== "block_start" || event.byClient !== true || event.block.type !== "tool_use") return event;
    const { id, name } = event.block;
    if (this.#check.admits(name)) return event;
    const content = [{ type: "text" as const, text: onlyOneCall }];
    this.#live.driver.giveResults([{ type: "tool_result", tool_use_id: id, content, is_error: true }]);
    return { ...event, byClient: false };
  }

  #take(event: StartedEvent): void {
    this.#taken = true;
    this.#started.resolve(event);
    this.#putHelpersBehind();
  }

  /** Nothing is typed into a dialog: the turn comes again when a person has answered it. One in mid-turn is waited for. */
  #giveWayToDialog(): void {
    const dialog = this.#live.prompts.find(({ reason }) => reason === "dialog");
    if (!dialog || this.#taken || this.#live.driver.hasMessage) return;
    this.stop(
      new SessionError(
        "session_waiting",
        `The session waits for a person: ${dialog.title} Answer it in the dashboard or by POST /api/sessions/${this.#live.id}/answers.`,
        { retryAfter: 10 },
      ),
    );
  }

  #putHelpersBehind(): void {
    const { pid } = this.#live.driver;
    if (pid !== undefined) putHelpersBehind(pid);
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
    this.#meter.push(event);
    if (event.type === "block_delta") this.#firstTokenAt ??= this.#clock.now();
    if (event.type === "assistant") {
      for (const block of event.content) if (block.type === "tool_use") this.#runningTools.add(block.id);
    }
    if (event.type === "tool_result" && this.#runningTools.delete(event.result.tool_use_id)) {
      this.#toolsQuietSince = this.#clock.now();
    }
  }
}
