/**
 * One browser's line to a terminal: opens it, notices when it is dead, comes back and goes on where it was, and stops
 * when the answer is final. What is on the screen is the screen's (screen-queue.ts); what a person sees of the line is
 * `view`.
 */
import {
  decodeServerFrame,
  encodeInput,
  parseTerminalServerMessage,
  terminalClose,
  type TerminalClientMessage,
  terminalLimits,
  type TerminalRole,
  type TerminalServerMessage,
} from "@lodge/shared";
import { backoffMs } from "../../lib/backoff.ts";
import type { Clock } from "../../lib/live-events.ts";
import type { Store } from "../../lib/store.ts";
import { ScreenQueue, type TerminalScreen } from "./screen-queue.ts";
import { type Ending, endingOf, otherInControl, refusalOf, type TerminalView } from "./view.ts";

/** One connection; `close` may be called at any time, and nothing is heard of it afterwards. */
export interface Socket {
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(): void;
}

export interface SocketListener {
  onOpen: () => void;
  onMessage: (data: string | ArrayBuffer) => void;
  onClose: (code: number) => void;
}

export interface ConnectionOptions {
  view: Store<TerminalView>;
  screen: TerminalScreen;
  /** A new ticket; rejects with an `ApiFailure`. */
  ticket(): Promise<string>;
  open(ticket: string, listener: SocketListener): Socket;
  /** The login is no longer good. */
  onUnauthorized(): void;
  clock?: Clock;
  random?: () => number;
}

/** Milliseconds without a word from the server, which answers each ping, after which a line is taken for dead. */
const silenceMs = 15_000;
/** Milliseconds that a line must have lasted to count as a success, so that one that breaks at once is not hammered. */
const settledMs = 2000;
/** Milliseconds after which a resized window is taken to have its size. */
const resizeMs = 150;

/** Keys that may be typed while the control is asked for. */
const maxHeld = 64;

const systemClock: Clock = {
  now: Date.now,
  after(ms, action) {
    const timer = setTimeout(action, ms);
    return () => clearTimeout(timer);
  },
};

export class TerminalConnection implements Disposable {
  readonly #options: ConnectionOptions;
  readonly #clock: Clock;
  readonly #queue: ScreenQueue;
  #socket: Socket | null = null;
  /** What the server calls this terminal's stream; null before the first `ready`. */
  #stream: string | null = null;
  #size: { cols: number; rows: number } | null = null;
  #attempt = 0;
  #liveAt: number | null = null;
  #rttMs: number | undefined;
  /** Typed before the control was granted, which was asked for with the first of it. */
  readonly #held: Uint8Array[] = [];
  #stopRetry: (() => void) | null = null;
  #stopPing: (() => void) | null = null;
  #stopWatch: (() => void) | null = null;
  #stopResize: (() => void) | null = null;
  /** Counts up with each line, so that what a line of before still says is not heard. */
  #line = 0;
  #disposed = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#queue = new ScreenQueue(options.screen, {
      onApplied: (offset) => this.#send({ type: "ack", offset }),
      // What comes does not go on where the screen is: only a snapshot helps.
      onGap: () => this.#begin(),
    });
    void this.#connect();
  }

  /** Does not wait any longer for the next attempt, and tries again although the answer was final. */
  retry(): void {
    if (this.#socket !== null || this.#disposed) return;
    this.#attempt = 0;
    void this.#connect();
  }

  /** Comes in anew where it was: under another name, say. */
  reconnect(): void {
    if (this.#disposed || this.#options.view.get().line.status !== "live") return;
    this.#drop();
    void this.#connect();
  }

  /** Keys and pastes. Takes the control where nobody else holds it; where somebody does, it tells so instead. */
  input(bytes: Uint8Array): void {
    const view = this.#options.view.get();
    if (view.line.status !== "live") return;
    if (view.role === "control") return this.#type(bytes);
    if (!view.canControl || otherInControl(view) !== null) return this.#change({ notice: { type: "typed" } });
    if (this.#held.length === 0) this.takeControl();
    if (this.#held.length < maxHeld) this.#held.push(bytes);
  }

  /** The size that fits the window, once it has settled. */
  fit(cols: number, rows: number): void {
    const size = { cols: clamp(cols, "Cols"), rows: clamp(rows, "Rows") };
    if (this.#size?.cols === size.cols && this.#size.rows === size.rows) return;
    this.#size = size;
    this.#stopResize?.();
    this.#stopResize = this.#clock.after(resizeMs, () => this.#send({ type: "resize", ...size }));
  }

  takeControl(): void {
    this.#send({ type: "control", action: "request" });
  }

  releaseControl(): void {
    this.#send({ type: "control", action: "release" });
  }

  /** Whoever it was for has seen it. */
  dismissNotice(): void {
    this.#change({ notice: null });
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#drop();
    this.#queue.close();
    this.#stopResize?.();
    this.#stopRetry?.();
  }

  /** The line cannot be made sense of: another one begins with a snapshot. */
  #begin(): void {
    this.#stream = null;
    this.#drop();
    this.#retryLater();
  }

  #drop(): void {
    this.#line++;
    this.#stopPing?.();
    this.#stopWatch?.();
    this.#held.length = 0;
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  async #connect(): Promise<void> {
    if (this.#disposed) return;
    const line = ++this.#line;
    this.#stopRetry?.();
    this.#stopRetry = null;
    this.#liveAt = null;
    const { view } = this.#options;
    if (view.get().line.status !== "reconnecting") this.#change({ line: { status: "connecting" } });
    try {
      const ticket = await this.#options.ticket();
      if (line === this.#line) this.#open(line, ticket);
    } catch (error) {
      if (line !== this.#line) return;
      const refusal = refusalOf(error);
      if (refusal === "unauthorized") return this.#options.onUnauthorized();
      if (refusal === null) this.#retryLater();
      else this.#end(refusal);
    }
  }

  #open(line: number, ticket: string): void {
    this.#watch(line);
    const isCurrent = () => line === this.#line;
    this.#socket = this.#options.open(ticket, {
      onOpen: () => {
        if (isCurrent()) this.#hello();
      },
      onMessage: (data) => {
        if (!isCurrent()) return;
        this.#watch(line);
        if (typeof data === "string") this.#onText(data);
        else this.#onFrame(new Uint8Array(data));
      },
      onClose: (code) => {
        if (isCurrent()) this.#onClose(code);
      },
    });
  }

  #hello(): void {
    // Before its first snapshot there is nothing to go on from.
    const stream = this.#queue.isCurrent ? this.#stream : null;
    const role: TerminalRole = this.#options.view.get().role;
    this.#send({
      type: "hello",
      stream,
      offset: stream === null ? null : this.#queue.offset,
      // Whoever held the control before the line broke has it again, unless somebody took it meanwhile.
      role,
      ...this.#size,
    });
  }

  #onText(text: string): void {
    const message = parseTerminalServerMessage(text);
    if (message === null) return this.#begin();
    switch (message.type) {
      case "ready":
        return this.#onReady(message);
      case "resize":
        return this.#queue.resize(message);
      case "control":
        return this.#onControl(message.event);
      case "viewers":
        return this.#change({ viewers: message.viewers });
      case "state":
        return this.#change({ state: message.state });
      case "title":
        return this.#change({ title: message.title });
      case "pong":
        this.#rttMs = Math.max(0, this.#clock.now() - message.sentAt);
        return this.#change({ rttMs: this.#rttMs });
    }
  }

  #onFrame(bytes: Uint8Array<ArrayBuffer>): void {
    const frame = decodeServerFrame(bytes);
    if (frame === null) return this.#begin();
    this.#queue.take(frame);
  }

  #onReady(ready: Extract<TerminalServerMessage, { type: "ready" }>): void {
    this.#stream = ready.stream;
    if (!ready.resumed) this.#queue.awaitSnapshot();
    this.#liveAt = this.#clock.now();
    this.#change({
      line: { status: "live" },
      viewerId: ready.viewerId,
      role: ready.role,
      driver: ready.driver,
      canControl: ready.canControl,
      state: ready.state,
    });
    this.#ping();
  }

  #onControl(event: Extract<TerminalServerMessage, { type: "control" }>["event"]): void {
    switch (event.name) {
      case "granted":
        this.#change({ role: "control", notice: null });
        // It counts from now on.
        if (this.#size !== null) this.#send({ type: "resize", ...this.#size });
        for (const bytes of this.#held.splice(0)) this.#type(bytes);
        return;
      case "released":
        return this.#change({ role: "viewer" });
      case "taken":
        return this.#change({ role: "viewer", notice: { type: "taken", by: event.by.name } });
      case "denied":
        this.#held.length = 0;
        return this.#change({
          // A program that reads nothing takes the control from nobody.
          ...(event.reason === "unread" ? {} : { role: "viewer" }),
          notice: { type: "denied", reason: event.reason },
        });
    }
  }

  #onClose(code: number): void {
    this.#drop();
    const ending = endingOf(code);
    if (ending !== null) return this.#end(ending);
    if (code === terminalClose.takenOver && this.#wasLive()) {
      // Another process has it now; what was on the screen stays until its first snapshot.
      void this.#connect();
      return;
    }
    this.#retryLater();
  }

  #retryLater(): void {
    const { view, random = Math.random } = this.#options;
    this.#attempt = this.#wasLive() ? 1 : this.#attempt + 1;
    const before = view.get().line;
    const now = this.#clock.now();
    const wait = backoffMs(this.#attempt, random());
    const since = before.status === "reconnecting" ? before.since : now;
    this.#change({ line: { status: "reconnecting", since, retryAt: now + wait }, rttMs: null });
    this.#stopRetry = this.#clock.after(wait, () => void this.#connect());
  }

  #wasLive(): boolean {
    return this.#liveAt !== null && this.#clock.now() - this.#liveAt >= settledMs;
  }

  #end(ending: Ending): void {
    this.#change({ line: { status: "ended", ending }, role: "viewer", viewers: [], rttMs: null });
  }

  #type(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += terminalLimits.inputBytes) {
      this.#socket?.send(encodeInput(bytes.subarray(at, at + terminalLimits.inputBytes)));
    }
  }

  #ping(): void {
    this.#stopPing?.();
    const rttMs = this.#rttMs;
    this.#send({ type: "ping", sentAt: this.#clock.now(), ...(rttMs === undefined ? {} : { rttMs }) });
    this.#stopPing = this.#clock.after(terminalLimits.pingMs, () => this.#ping());
  }

  #watch(line: number): void {
    this.#stopWatch?.();
    this.#stopWatch = this.#clock.after(silenceMs, () => {
      if (line !== this.#line) return;
      this.#drop();
      this.#retryLater();
    });
  }

  #send(message: TerminalClientMessage): void {
    const { status } = this.#options.view.get().line;
    if (this.#socket === null || (status !== "live" && message.type !== "hello")) return;
    this.#socket.send(JSON.stringify(message));
  }

  #change(changes: Partial<TerminalView>): void {
    const { view } = this.#options;
    if (!this.#disposed) view.set({ ...view.get(), ...changes });
  }
}

function clamp(value: number, side: "Cols" | "Rows"): number {
  return Math.min(terminalLimits[`max${side}`], Math.max(terminalLimits[`min${side}`], Math.floor(value)));
}
