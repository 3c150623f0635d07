/**
 * The port between a live session and its process. It belongs to the session: a driver starts one process, feeds it one
 * turn at a time, and ends it.
 */
import type { ToolResultBlock, UserBlock } from "../conversation.ts";
import type { SessionError } from "../errors.ts";
import type { ResultEvent, SessionEvent } from "../events.ts";
import type { Adjustable, LaunchPlan } from "../launch.ts";
import type { Answer, Prompt } from "../prompts.ts";

/** Where a process gets its history from. */
export type Origin =
  | { type: "new" }
  /**
   * Goes on with the transcript of the same session id. `answering` is the uuid of its last record when that is a
   * message which the process is to answer by itself, as the only way to answer results of tools: `turn` then sends nothing.
   */
  | { type: "resume"; answering?: string }
  /** Starts a new session whose history ends at one message of another's transcript. */
  | { type: "fork"; sessionId: string; at: string };

export interface DriverStart {
  plan: LaunchPlan;
  /** A UUID: the session's own, also when it is forked. */
  sessionId: string;
  origin: Origin;
  /** It is to wait for a conversation that nobody has begun yet. */
  isSpare?: boolean | undefined;
  /** A person has it to themselves, and may have to log in first, or to look at a page that it shows: it has all the time it takes. */
  isAttended?: boolean | undefined;
  /** Told of every change in what the process waits for a person to decide: all of it, oldest first. */
  onPrompts: (prompts: readonly Prompt[]) => void;
  /** Told of a turn that the CLI began by itself, as when a background task ends: nobody's reply, but its cost counts. */
  onBackgroundTurn?: ((result: ResultEvent) => void) | undefined;
  /** Told what a turn cost that was abandoned, when the CLI says so after its end: US dollars, if it was anything. */
  onLateCost?: ((costUsd: number) => void) | undefined;
  /** Told of a message that a person typed at the terminal: the history is not what any client believes any more. */
  onTyped?: ((text: string) => void) | undefined;
  /** Told when the CLI could not write down what was said: the transcript is not to be relied on any more. */
  onTranscriptLost?: (() => void) | undefined;
}

/** What a process tells about itself once it is up. */
export interface ProcessInfo {
  version: string;
  models: ModelDescription[];
  /** How the CLI is logged in, in its own words; null when it is not. */
  account: string | null;
}

export interface ModelDescription {
  /** What to ask for: an alias such as `sonnet`, or a full name. */
  name: string;
  /** The full name that an alias stands for at present. */
  resolved: string;
  displayName: string;
  description: string;
  /** Absent where the CLI does not say. */
  thinking?: {
    /** It cannot be told not to think. */
    alwaysOn: boolean;
    /** It can be told how many tokens to think for at most. */
    takesBudget: boolean;
  };
}

/** The terminal of an interactive process, as a person at it has it. */
export interface DriverTerminal {
  readonly size: { cols: number; rows: number };
  /** Calls back with what the process writes, as it comes, until disposed. */
  onOutput(listener: (bytes: Uint8Array) => void): Disposable;
  /** Types; false when it was not taken, since the process reads nothing. */
  write(bytes: Uint8Array<ArrayBuffer>): boolean;
  resize(cols: number, rows: number): void;
  /** Whether its prompt holds words that were not sent: they go with the process. */
  readonly hasUnsentText: boolean;
  /** Stops the process from running, and so from writing, until `resume`. */
  pause(): void;
  resume(): void;
}

export interface Driver {
  readonly pid: number | undefined;
  /** Where a person can see it and type. */
  readonly terminal?: DriverTerminal;
  /** Resolves when the process can take a turn; rejects with a `SessionError` when it never will. */
  readonly ready: Promise<ProcessInfo>;
  /** Resolves when the process is gone, however it went, with its exit code; null after a signal, and where there was none. */
  readonly exited: Promise<number | null>;
  /** When the process last said anything, by the clock. */
  readonly lastActivity: number;
  /**
   * Has the process do before its first turn what it would do in it for the first time, and nothing that the model or a
   * client gets to see. For spares only.
   *
   * @throws SessionError when it is of no use any more
   */
  warmUp?(): Promise<void>;
  /** It has the message of the turn in progress, although nothing may have come of it yet. */
  readonly hasMessage?: boolean;
  /** Sends one user message and yields what follows, up to and with the `result`. One turn at a time. */
  turn(input: readonly UserBlock[]): AsyncIterable<SessionEvent>;
  /** Answers calls of the client's tools, in any order; each call takes its first answer. */
  giveResults(results: readonly ToolResultBlock[]): void;
  /** Hands the turn in progress what the user said besides; called before the results are given. */
  say(input: readonly UserBlock[]): Promise<void>;
  /** The turn in progress, if any, yields nothing more: its reader gets this error at once. */
  abandonTurn(error: SessionError): void;
  /** Asks the process to stop the turn in progress; resolves when it has been asked. */
  interrupt(): Promise<void>;
  /** @throws when the process cannot be told; it is of no use to this plan then */
  adjust(to: Adjustable): Promise<void>;
  /**
   * Decides one of the prompts that were announced.
   *
   * @throws SessionError `prompt_unknown` when it is not waited for any more, `invalid_request` when the answer does not fit
   */
  answer(promptId: string, answer: Answer): Promise<void>;
  /** Ends the process and all its children, in stages and within a bounded time. May be called more than once. */
  end(): Promise<void>;
}

export type StartDriver = (start: DriverStart) => Driver;
