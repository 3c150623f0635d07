/** The `terminal` driver: the interactive CLI on a terminal of its own, driven by typing and read from its transcript. */
import type { Clock } from "../../clock.ts";
import type { UserBlock } from "../../conversation.ts";
import { SessionError } from "../../errors.ts";
import type { SessionEvent } from "../../events.ts";
import type { Adjustable } from "../../launch.ts";
import type { Answer } from "../../prompts.ts";
import { cutTranscript } from "../../transcripts/cut.ts";
import { transcriptPath } from "../../transcripts/location.ts";
import { type TranscriptRecord, TranscriptTail } from "../../transcripts/tail.ts";
import type { Driver, DriverStart, DriverTerminal, ProcessInfo } from "../driver.ts";
import { signalGroup } from "../process-group.ts";
import { ActivityGauge } from "./activity.ts";
import { terminalArguments, terminalEnvironment, terminalSettings } from "./arguments.ts";
import { isCommand, keys, messageText } from "./delivery.ts";
import { Dialogs } from "./dialogs.ts";
import { PrivateFiles } from "./files.ts";
import { seedFirstRun } from "./first-run.ts";
import { type HookCall, HookListener } from "./hooks.ts";
import { processInfo, startFailure } from "./info.ts";
import { HookPermissions } from "./permissions.ts";
import { Pty } from "./pty.ts";
import { toolResultsOf } from "./records.ts";
import { Screen, type Size } from "./screen.ts";
import { submit } from "./submit.ts";
import { TurnTranslator } from "./translate.ts";
import { TerminalTurn } from "./turn.ts";
import { ScreenWatch } from "./watch.ts";

export interface TerminalEnvironment {
  env: Record<string, string>;
  claudePath: string;
  /** Where the CLI keeps its transcripts: its `CLAUDE_CONFIG_DIR`, or the default. */
  configDir: string;
  /** The config folder is Lodge's own: what the CLI asks on its first run may be answered in it beforehand. */
  ownConfig: boolean;
  /** The working directory is one whose files the CLI may read and run without asking. */
  trustWorkspace: boolean;
  /** Told of a record of a transcript that could not be read and was skipped. */
  onTranscriptProblem?: (problem: string) => void;
}

const defaultSize: Size = { cols: 120, rows: 40 };
/** Milliseconds for the CLI to show an input box or a dialog. */
const startMs = 60_000;
/** Milliseconds after Escape for the CLI to stop, and for its record of that; how often the key is pressed. */
const interruptMs = 600;
const interruptPresses = 8;
const interruptRecordMs = 400;

/** Bytes that wait to be read from, at which the CLI is stopped and let go on. */
const highWater = 1024 * 1024;
const lowWater = 256 * 1024;

export class TerminalDriver implements Driver, DriverTerminal {
  readonly ready: Promise<ProcessInfo>;
  readonly exited: Promise<number | null>;
  lastActivity: number;

  readonly #start: DriverStart;
  readonly #environment: TerminalEnvironment;
  readonly #clock: Clock;
  readonly #screen: Screen;
  readonly #watch: ScreenWatch;
  readonly #dialogs: Dialogs;
  readonly #permissions = new HookPermissions(() => this.#announce());
  readonly #over = new AbortController();
  readonly #stack = new AsyncDisposableStack();
  readonly #outputListeners = new Set<(bytes: Uint8Array) => void>();
  /** Why it is stopped: somebody who shows its output does not keep up, or what is read from its screen does not. */
  readonly #stops = new Set<"viewers" | "screen">();
  #pty: Pty | undefined;
  #files: PrivateFiles | undefined;
  #tail: TranscriptTail | undefined;
  #tailPath = "";
  #turn: TerminalTurn | undefined;
  /** What goes on in the CLI beside our turns: a background task that ended, or a person at the terminal. */
  #background: TurnTranslator | undefined;
  /** A message that may be on its way into the CLI although its turn is over. */
  #givenUp: string | undefined;
  #model: string | undefined;
  #gone: SessionError | undefined;
  #ending: Promise<void> | undefined;

  constructor(start: DriverStart, environment: TerminalEnvironment, clock: Clock) {
    this.#start = start;
    this.#environment = environment;
    this.#clock = clock;
    this.lastActivity = clock.now();
    this.#screen = this.#stack.use(
      new Screen(defaultSize, {
        reply: (text) => this.#pty?.write(text),
        onProgress: (backlog) => {
          if (backlog <= lowWater) this.#goOn("screen");
        },
      }),
    );
    this.#watch = new ScreenWatch(this.#screen, clock, this.#over.signal);
    this.#dialogs = this.#stack.use(
      new Dialogs({
        screen: this.#screen,
        watch: this.#watch,
        clock,
        write: (text) => this.#pty?.write(text),
        isHandled: () => this.#permissions.prompts.length > 0,
        decide: ({ options }) => {
          // Of the folder that it works in, and of each that it may work in beside.
          const trust = options.findIndex((option) => /^Yes, (I trust|add it)/i.test(option));
          return trust >= 0 && environment.trustWorkspace ? trust : undefined;
        },
        onChange: () => this.#announce(),
      }),
    );
    this.#stack.use(new ActivityGauge(this.#screen, clock, () => this.#noteActivity()));
    const launched = this.#launch();
    this.ready = launched.then(() => this.#becomeReady());
    // Whoever needs to know awaits it; a process that nobody waits for may die quietly.
    this.ready.catch(() => {});
    this.exited = launched
      .then(
        (pty) => pty.exited,
        () => {},
      )
      .then(() => this.#cleanUp())
      .then(() => this.#pty?.exitCode ?? null);
  }

  get pid(): number | undefined {
    return this.#pty?.pid;
  }

  get hasMessage(): boolean {
    return this.#turn?.isTaken ?? false;
  }

  get terminal(): DriverTerminal {
    return this;
  }

  get size(): Size {
    return this.#screen.size;
  }

  /** Stops the CLI, and so its output; `end` works on a stopped one too. */
  pause(): void {
    this.#stop("viewers");
  }

  resume(): void {
    this.#goOn("viewers");
  }

  #stop(reason: "viewers" | "screen"): void {
    const isStopped = this.#stops.size > 0;
    this.#stops.add(reason);
    if (!isStopped && this.#pty && !this.#gone) signalGroup(this.#pty.pid, "SIGSTOP");
  }

  #goOn(reason: "viewers" | "screen"): void {
    if (!this.#stops.delete(reason) || this.#stops.size > 0) return;
    if (this.#pty && !this.#over.signal.aborted) signalGroup(this.#pty.pid, "SIGCONT");
  }

  /** Calls back with what the CLI writes to its terminal, as it comes. */
  onOutput(listener: (bytes: Uint8Array) => void): Disposable {
    this.#outputListeners.add(listener);
    return { [Symbol.dispose]: () => void this.#outputListeners.delete(listener) };
  }

  /** Types into the terminal, as a person does. */
  write(bytes: Uint8Array<ArrayBuffer>): boolean {
    return this.#pty?.write(bytes) ?? false;
  }

  resize(cols: number, rows: number): void {
    this.#screen.resize({ cols, rows });
    this.#pty?.resize({ cols, rows });
  }

  get hasUnsentText(): boolean {
    const { view } = this.#watch;
    return view.type === "box" && !view.empty;
  }

  async *turn(content: readonly UserBlock[]): AsyncGenerator<SessionEvent> {
    if (this.#gone) throw this.#gone;
    const verbatim = this.#start.plan.fixed.mode === "model";
    const text = messageText(content, verbatim);
    const turn = new TerminalTurn({
      text,
      sessionId: this.#start.sessionId,
      clock: this.#clock,
      model: this.#model,
      onRecordMissing: () => this.#start.onTranscriptLost?.(),
    });
    this.#turn = turn;
    this.#noteActivity();
    void this.#submit(turn);
    try {
      yield* turn.events;
    } finally {
      this.#closeTurn(turn);
    }
  }

  abandonTurn(error: SessionError): void {
    const turn = this.#turn;
    if (!turn) return;
    turn.fail(error);
    this.#closeTurn(turn);
  }

  async interrupt(): Promise<void> {
    if (this.#gone || !this.#pty) return;
    if (this.#turn && !this.#turn.over) await this.#breakOff(this.#turn);
    else this.#pty.write(keys.escape);
  }

  async adjust(to: Adjustable): Promise<void> {
    const { model, permissionMode, effort, thinking } = this.#start.plan.adjustable;
    const isSame = to.model === model && to.permissionMode === permissionMode && to.effort === effort;
    // What its transcript has of the thinking is there in any case.
    if (isSame && to.thinking.budget === thinking.budget) return;
    // `/model` would also write a new default into the config folder, and asks first; modes can only be cycled through.
    throw new SessionError("process_died", "The interactive CLI cannot be told of new settings while it runs.");
  }

  giveResults(): void {
    throw new Error("the interactive CLI is offered no tools of a client");
  }

  say(): Promise<void> {
    return Promise.reject(new Error("the interactive CLI is asked one thing at a time"));
  }

  async answer(promptId: string, answer: Answer): Promise<void> {
    if (await this.#dialogs.answer(promptId, answer)) return;
    this.#permissions.answer(promptId, answer);
  }

  end(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end(): Promise<void> {
    this.#gone ??= new SessionError("process_died", "The session was ended.");
    this.#over.abort();
    await this.#pty?.end();
    await this.exited;
  }

  /** Without a fork to prepare, the process is there as soon as this has been called. */
  async #launch(): Promise<Pty> {
    const { plan, sessionId, origin } = this.#start;
    const { configDir, ownConfig, trustWorkspace, claudePath, env } = this.#environment;
    const { fixed } = plan;
    const { cwd } = fixed;
    if (origin.type === "fork") {
      await cutTranscript({ configDir, cwd, from: origin.sessionId, at: origin.at, to: sessionId });
    }
    if (this.#gone) throw this.#gone;
    try {
      if (ownConfig) {
        const trusted = trustWorkspace ? [cwd, ...fixed.additionalDirectories] : [];
        seedFirstRun({ configDir, apiKey: env["ANTHROPIC_API_KEY"], trusted });
      }
      const hooks = this.#stack.use(new HookListener((call, signal) => this.#hook(call, signal)));
      const settings = terminalSettings(fixed.settings, hooks.settings, ownConfig);
      const files = this.#stack.use(new PrivateFiles(fixed, settings, env["VISUAL"] ?? env["EDITOR"]));
      const command = [claudePath, ...terminalArguments(this.#start, files)];
      this.#files = files;
      this.#follow(transcriptPath(configDir, cwd, sessionId));
      this.#pty = new Pty({
        command,
        cwd,
        sessionId,
        env: terminalEnvironment(env, plan, files.editor),
        ...this.#screen.size,
        clock: this.#clock,
        onOutput: (bytes) => this.#output(bytes),
      });
    } catch (cause) {
      throw cause instanceof SessionError ? cause : startFailure(String(cause), cause);
    }
    void this.#pty.exited.then(() => this.#over.abort());
    return this.#pty;
  }

  async #becomeReady(): Promise<ProcessInfo> {
    const isUp = () => this.#watch.view.type === "box" && this.#screen.takesPastes;
    const limitMs = this.#start.isAttended ? null : startMs;
    while (!this.#over.signal.aborted) {
      if (await this.#watch.until(isUp, limitMs)) {
        this.#noteActivity();
        return processInfo(this.#screen.lines);
      }
      if (this.#watch.view.type !== "dialog") break;
    }
    await this.#screen.settled();
    const error = this.#gone ?? startFailure(this.#screen.text);
    void this.end();
    throw error;
  }

  async #submit(turn: TerminalTurn): Promise<void> {
    try {
      await this.ready;
      if (turn.over) return;
      if (this.#tail) this.#tail.polling = true;
      await submit({
        text: turn.text,
        watch: this.#watch,
        write: (data) => this.#pty?.write(data),
        offer: (message) => {
          if (this.#files) this.#files.message = message;
        },
        outcome: () => turn.outcome(),
        cancelled: () => turn.over,
      });
    } catch (error) {
      turn.fail(
        error instanceof SessionError ? error : new SessionError("process_died", "The turn failed.", { cause: error }),
      );
    }
  }

  #hook(call: HookCall, signal: AbortSignal): object | null | Promise<object | null> {
    if (call.session_id !== this.#start.sessionId) return null;
    this.#noteActivity();
    const turn = this.#turn;
    switch (call.hook_event_name) {
      case "UserPromptSubmit":
        return this.#promptTaken(call);
      case "PreToolUse":
        this.#permissions.called(call);
        return null;
      case "PermissionRequest":
        return this.#permissions.ask(call, signal);
      case "Stop":
        turn?.stopped(call.last_assistant_message);
        void this.#tail?.read();
        return null;
      case "StopFailure":
        turn?.failed(call.error, call.last_assistant_message);
        void this.#tail?.read();
        return null;
    }
  }

  #promptTaken(call: Extract<HookCall, { hook_event_name: "UserPromptSubmit" }>): object | null {
    const turn = this.#turn;
    if (!turn || turn.isTaken || turn.over) {
      // Somebody typed it in the terminal: it is no turn of ours. Or it was given up while it was on its way.
      if (call.prompt !== this.#givenUp) {
        this.#start.onTyped?.(call.prompt);
        return null;
      }
      this.#givenUp = undefined;
      return { decision: "block", reason: "The message was taken back." };
    }
    // In agent mode what the CLI makes of a message is its own affair, once it has had it exactly.
    const isExact = call.prompt === turn.text;
    if (!isExact && !turn.refusedOnce && !isCommand(turn.text)) return refusal(turn);
    if (!isExact && this.#start.plan.fixed.mode === "model") return refusal(turn);
    this.#background = undefined;
    if (call.transcript_path !== undefined) this.#follow(call.transcript_path);
    turn.take(call.prompt_id);
    return null;
  }

  #record(record: TranscriptRecord): Promise<void> | undefined {
    this.#noteActivity();
    for (const { tool_use_id } of toolResultsOf(record).results) this.#permissions.settled(tool_use_id);
    const turn = this.#turn;
    if (turn?.isTaken) return turn.record(record);
    this.#observeBackground(record);
    return undefined;
  }

  /** Nobody's reply, but its cost counts. */
  #observeBackground(record: TranscriptRecord): void {
    const { sessionId, onBackgroundTurn } = this.#start;
    this.#background ??= new TurnTranslator(sessionId, null, this.#clock.now());
    try {
      this.#background.translate(record);
      if (!this.#background.closed) return;
      const result = this.#background.finish(this.#clock.now()).at(-1);
      if (result?.type === "result") onBackgroundTurn?.(result);
    } catch {
      // It failed, which concerns nobody.
    }
    this.#background = undefined;
  }

  /** An interrupt before the model said anything leaves no record: the message is back in the input box then. */
  async #breakOff(turn: TerminalTurn): Promise<void> {
    const error = new SessionError("aborted", "The turn was interrupted.");
    if (!turn.isTaken) return turn.fail(error);
    // A key that comes before the CLI shows that it is at work is lost.
    await this.#watch.until((view) => turn.over || view.type !== "box" || view.busy, interruptMs);
    for (let press = 0; press < interruptPresses && !turn.over; press++) {
      this.#pty?.write(keys.escape);
      if (await this.#watch.until((view) => turn.over || (view.type === "box" && !view.busy), interruptMs)) break;
    }
    using late = this.#watch.timeout(interruptRecordMs);
    await Promise.race([turn.ended, late.passed]);
    turn.fail(error);
  }

  #closeTurn(turn: TerminalTurn): void {
    if (this.#turn !== turn) return;
    this.#turn = undefined;
    this.#givenUp = turn.isTaken ? undefined : turn.text;
    this.#model = turn.model;
    this.#permissions.withdrawAll();
    if (this.#tail) this.#tail.polling = false;
  }

  #follow(path: string): void {
    if (path === this.#tailPath) return;
    this.#tail?.[Symbol.dispose]();
    this.#tailPath = path;
    this.#tail = new TranscriptTail({
      path,
      clock: this.#clock,
      onRecord: (record) => this.#record(record),
      onProblem: this.#environment.onTranscriptProblem ?? (() => {}),
    });
    if (this.#turn) this.#tail.polling = true;
    else this.#tail.skipToEnd();
  }

  #output(bytes: Uint8Array): void {
    this.#screen.write(bytes);
    if (this.#screen.backlog > highWater) this.#stop("screen");
    for (const listener of this.#outputListeners) listener(bytes);
  }

  #announce(): void {
    this.#dialogs.look();
    this.#start.onPrompts([...this.#permissions.prompts, ...this.#dialogs.prompts]);
  }

  #noteActivity(): void {
    this.lastActivity = this.#clock.now();
  }

  /** The process is gone, however it went. */
  async #cleanUp(): Promise<void> {
    this.#over.abort();
    // What it wrote last is in the transcript still.
    await this.#tail?.read();
    const failure = await this.ready.then(
      () =>
        new SessionError("process_died", "The process behind this session ended unexpectedly.", {
          stderr: this.#screen.text,
        }),
      (error: SessionError) => error,
    );
    this.#gone ??= failure;
    this.abandonTurn(this.#gone);
    this.#permissions.withdrawAll();
    this.#tail?.[Symbol.dispose]();
    this.#outputListeners.clear();
    await this.#stack.disposeAsync();
  }
}

function refusal(turn: TerminalTurn): object {
  turn.refuse();
  return { decision: "block", reason: "The message was changed on its way and is sent again." };
}
