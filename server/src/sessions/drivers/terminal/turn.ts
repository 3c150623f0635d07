/**
 * One turn of the interactive CLI: from the message being taken to its closing record. The transcript says what was
 * said; the CLI's own signals say that a turn began and ended, and stand in when a record stays out.
 */
import { Channel } from "../../channel.ts";
import type { Clock } from "../../clock.ts";
import { SessionError } from "../../errors.ts";
import type { SessionEvent } from "../../events.ts";
import type { TranscriptRecord } from "../../transcripts/tail.ts";
import { apiFailure } from "../failure.ts";
import type { Outcome } from "./submit.ts";
import { TurnTranslator } from "./translate.ts";

/** Events held for a slow reader before the transcript is held up. */
const eventCapacity = 256;
/** Milliseconds that the record of a turn's end may come after the signal, or the signal after the record. */
const recordMs = 3000;
const signalMs = 1000;

export interface TurnOptions {
  /** The message as the model is to read it. */
  text: string;
  sessionId: string;
  clock: Clock;
  /** Full name of the model, if an earlier turn told it. */
  model: string | undefined;
  /** The turn's end is in no transcript. */
  onRecordMissing: () => void;
}

export class TerminalTurn {
  readonly events = new Channel<SessionEvent>(eventCapacity);
  /** Resolves when the turn is over, well or not. */
  readonly ended: Promise<void>;

  readonly #options: TurnOptions;
  /** The CLI has had the message once in another form. */
  refusedOnce = false;
  #outcome = Promise.withResolvers<Outcome>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #beganAt: number;
  #translator: TurnTranslator | undefined;
  #started = false;
  /** What the CLI says was said last, once it says that the turn is over. */
  #signal: { lastMessage: string | undefined } | undefined;
  #over = false;
  #timer: Disposable | undefined;

  constructor(options: TurnOptions) {
    this.#options = options;
    this.#beganAt = options.clock.now();
    this.ended = this.#ended.promise;
  }

  get text(): string {
    return this.#options.text;
  }

  get isTaken(): boolean {
    return this.#translator !== undefined;
  }

  get over(): boolean {
    return this.#over;
  }

  get model(): string | undefined {
    return this.#translator?.model ?? this.#options.model;
  }

  /** What the CLI says next that it has got. */
  outcome(): Promise<Outcome> {
    this.#outcome = Promise.withResolvers();
    return this.#outcome.promise;
  }

  /** It has got something else, and was told not to send it. */
  refuse(): void {
    this.refusedOnce = true;
    this.#outcome.resolve("changed");
  }

  take(promptId: string | undefined): void {
    const { sessionId, model } = this.#options;
    this.#translator = new TurnTranslator(sessionId, promptId, this.#beganAt);
    this.#translator.model = model;
    void this.#start();
    this.#outcome.resolve("taken");
  }

  /** Resolves, if at all, when the reader has room again. */
  record(record: TranscriptRecord): Promise<void> | undefined {
    if (!this.#translator || this.#over) return undefined;
    let waiting: Promise<void> | undefined;
    try {
      const events = this.#translator.translate(record);
      waiting = this.#start();
      for (const event of events) waiting = this.events.push(event) ?? waiting;
    } catch (error) {
      this.fail(
        error instanceof SessionError ? error : new SessionError("process_died", "The turn failed.", { cause: error }),
      );
    }
    this.#consider();
    return waiting;
  }

  /** The CLI says that the turn is over. */
  stopped(lastMessage: string | undefined): void {
    if (!this.#translator || this.#over) return;
    this.#signal = { lastMessage };
    if (this.#consider()) return;
    this.#after(recordMs, () => {
      this.#options.onRecordMissing();
      if (lastMessage === undefined) {
        this.fail(new SessionError("transcript_unreadable", "The turn ended, but the transcript does not say how."));
      } else {
        this.#finish(lastMessage);
      }
    });
  }

  /** The CLI says that the turn failed; its record says more. */
  failed(error: string, lastMessage: string | undefined): void {
    if (!this.#translator || this.#over) return;
    this.#after(recordMs, () =>
      this.fail(apiFailure({ error, type: undefined, status: undefined, text: lastMessage ?? "" })),
    );
  }

  fail(error: SessionError): void {
    if (this.#over) return;
    this.#close();
    // Whoever waits for the message to be taken need not any more.
    this.#outcome.resolve("taken");
    this.events.fail(error);
  }

  #start(): Promise<void> | undefined {
    const model = this.#translator?.model;
    if (this.#started || model === undefined) return undefined;
    this.#started = true;
    // Which tools the model is offered is not in the transcript in a form to rely on.
    return this.events.push({ type: "started", sessionId: this.#options.sessionId, model, tools: [] });
  }

  /** Whether the turn can be closed by what is known now, or will be soon. */
  #consider(): boolean {
    const translator = this.#translator;
    if (this.#over || !translator?.closed) return false;
    const said = this.#signal?.lastMessage?.trim() ?? "";
    // The records of a message are written one by one: all are there when they say what the signal said.
    if (
      translator.refused ||
      (this.#signal && said.endsWith(translator.text.trim()) && (said === "") === (translator.text.trim() === ""))
    ) {
      this.#finish();
    } else {
      // Without the signal the CLI may yet make the model go on, as it does when the tokens ran out.
      this.#after(signalMs, () => {
        if (translator.closed) this.#finish();
      });
    }
    return true;
  }

  #finish(text?: string): void {
    if (this.#over || !this.#translator) return;
    this.#close();
    for (const event of this.#translator.finish(this.#options.clock.now(), text)) void this.events.push(event);
    this.events.close();
  }

  #close(): void {
    this.#over = true;
    this.#timer?.[Symbol.dispose]();
    this.#ended.resolve();
  }

  #after(ms: number, callback: () => void): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = this.#options.clock.after(ms, () => {
      if (!this.#over) callback();
    });
  }
}
