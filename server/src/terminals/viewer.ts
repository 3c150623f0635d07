/**
 * One who watches a terminal, over one socket. Each reads the ring at its own pace; one that falls behind is skipped
 * forward with a snapshot, and one that stands still is closed.
 */
import {
  decodeInput,
  encodeOutput,
  encodeScreen,
  encodeSnapshot,
  parseTerminalClientMessage,
  type TerminalClientMessage,
  terminalClose,
  type TerminalCloseCode,
  terminalLimits,
  type TerminalRole,
  type TerminalServerMessage,
  type TerminalViewer,
} from "@lodge/shared";
import type { Size } from "../emulator/index.ts";
import type { LiveTerminal } from "./live-terminal.ts";

/** The connection, as far as it is used here. */
export interface ViewerSocket {
  send(data: string | Uint8Array<ArrayBuffer>): void;
  /** Bytes that were sent and have not left yet. */
  readonly buffered: number;
  close(code: number, reason: string): void;
}

export interface ViewerOptions {
  socket: ViewerSocket;
  /** What its ticket allows. */
  role: TerminalRole;
  name: string;
}

/** Bytes in the socket's own buffer beyond which nothing is added. */
const maxBuffered = 1024 * 1024;
/** Characters of messages that are added all the same: a client that only asks and never reads is closed. */
const maxUnread = 256 * 1024;
/** Milliseconds without any progress after which a viewer that has something to get is closed. */
const patienceMs = 30_000;

export class Viewer {
  readonly id = crypto.randomUUID();
  readonly role: TerminalRole;
  readonly #terminal: LiveTerminal;
  readonly #socket: ViewerSocket;
  readonly name: string;
  readonly #since = Date.now();
  #rttMs: number | null = null;
  /** The size that fits its window. */
  fit: Size | undefined;
  #greeted = false;
  #closed = false;
  /** The next offset to send. */
  #sent = 0;
  #acknowledged = 0;
  /** Characters of messages since the socket's buffer was last not full. */
  #unread = 0;
  /** It gets a snapshot next, and nothing before. */
  #skipping = false;
  #deadline: NodeJS.Timeout | undefined;

  constructor(terminal: LiveTerminal, { socket, role, name }: ViewerOptions) {
    this.#terminal = terminal;
    this.#socket = socket;
    this.role = role;
    this.name = name;
    this.#deadline = setTimeout(
      () => this.close(terminalClose.malformed, "There was no hello."),
      terminalLimits.helloMs,
    );
  }

  summary(): TerminalViewer {
    return {
      id: this.id,
      role: this.#terminal.control.holder === this ? "control" : "viewer",
      name: this.name,
      since: this.#since,
      rttMs: this.#rttMs,
    };
  }

  tell(message: TerminalServerMessage): void {
    if (this.#closed) return;
    const text = JSON.stringify(message);
    this.#unread = this.#socket.buffered > maxBuffered ? this.#unread + text.length : 0;
    if (this.#unread > maxUnread) return this.close(terminalClose.tooSlow, "Nothing of what was sent is read.");
    this.#socket.send(text);
  }

  /** A frame came. */
  receive(frame: string | Uint8Array<ArrayBuffer>): void {
    if (this.#closed) return;
    const size = frame.length;
    const limit = typeof frame === "string" ? terminalLimits.textLength : terminalLimits.inputBytes + 1;
    if (size > limit) return this.close(terminalClose.tooLarge, `A frame of ${size} is larger than ${limit}.`);
    if (typeof frame === "string") {
      const message = parseTerminalClientMessage(frame);
      if (message) return this.#message(message);
    } else {
      const bytes = decodeInput(frame);
      if (bytes && this.#greeted) return this.#input(bytes);
    }
    this.close(terminalClose.malformed, "That is no message of this protocol.");
  }

  /** Sends what it has not got yet, as far as it keeps up. */
  pump(): void {
    if (!this.#greeted || this.#closed || this.#skipping) return;
    const { ring } = this.#terminal;
    while (this.#sent < ring.end) {
      if (this.#isBehind) return this.#wait();
      // What it would need is gone: it goes on from the screen as it is now.
      if (!ring.reaches(this.#sent)) return void this.#skip();
      const event = ring.at(this.#sent, terminalLimits.outputBytes);
      if (!event) break;
      if (event.type === "output") {
        this.#socket.send(encodeOutput(event.offset, event.bytes));
        this.#sent += event.bytes.length;
      } else {
        this.tell(event);
        this.#sent += 1;
      }
    }
    this.#stopWaiting();
  }

  /** Closes the connection, with a last word that says why. */
  close(code: TerminalCloseCode, reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close(code, reason);
    this.gone();
  }

  /** The connection is no more. */
  gone(): void {
    this.#closed = true;
    clearTimeout(this.#deadline);
    this.#terminal.detach(this);
  }

  get #isBehind(): boolean {
    return this.#sent - this.#acknowledged >= terminalLimits.windowBytes || this.#socket.buffered > maxBuffered;
  }

  #message(message: TerminalClientMessage): void {
    if (!this.#greeted && message.type !== "hello") {
      return this.close(terminalClose.malformed, "The first message must be a hello.");
    }
    switch (message.type) {
      case "hello":
        if (this.#greeted) return this.close(terminalClose.malformed, "There was a hello already.");
        return this.#hello(message);
      case "resize":
        this.fit = { cols: message.cols, rows: message.rows };
        return this.#terminal.control.resize(this, this.fit);
      case "control":
        if (message.action === "request") return this.#terminal.control.request(this);
        return this.#terminal.control.release(this);
      case "ack":
        return this.#acknowledge(message.offset);
      case "ping":
        if (message.rttMs !== undefined) this.#rttMs = message.rttMs;
        return this.tell({ type: "pong", sentAt: message.sentAt });
    }
  }

  #hello({ stream, offset, role, cols, rows }: Extract<TerminalClientMessage, { type: "hello" }>): void {
    this.#stopWaiting();
    const terminal = this.#terminal;
    if (terminal.isOver) return this.close(terminalClose.sessionEnded, "The session's process has ended.");
    if (role === "control" && this.role === "viewer") {
      return this.close(terminalClose.notAllowed, "The ticket is for a viewer.");
    }
    if (terminal.viewers.size >= terminalLimits.viewers) {
      return this.close(
        terminalClose.notAllowed,
        `The terminal has ${terminalLimits.viewers} viewers, and no room for more.`,
      );
    }
    this.#greeted = true;
    if (cols !== undefined && rows !== undefined) this.fit = { cols, rows };
    const inControl = role === "control" && terminal.control.take(this);
    const resumed = stream === terminal.stream && offset !== null && terminal.ring.reaches(offset);
    this.#sent = resumed ? offset : terminal.ring.end;
    this.#acknowledged = this.#sent;
    this.tell({
      type: "ready",
      sessionId: terminal.sessionId,
      viewerId: this.id,
      stream: terminal.stream,
      resumed,
      offset: this.#sent,
      ...terminal.size,
      role: inControl ? "control" : "viewer",
      driver: terminal.driver,
      canControl: terminal.control.denial(this) === null,
      state: terminal.state,
    });
    if (terminal.title !== "") this.tell({ type: "title", title: terminal.title });
    terminal.attach(this);
    if (resumed) this.pump();
    else void this.#skip();
  }

  #acknowledge(offset: number): void {
    if (offset > this.#sent) return this.close(terminalClose.malformed, "That offset was not sent yet.");
    if (offset < this.#acknowledged) return;
    this.#acknowledged = offset;
    this.#stopWaiting();
    this.pump();
  }

  #input(bytes: Uint8Array<ArrayBuffer>): void {
    const { control } = this.#terminal;
    const holds = control.holder === this;
    if (holds && this.#terminal.input(this, bytes)) return;
    const reason = holds ? "unread" : (control.denial(this) ?? "not_in_control");
    this.tell({ type: "control", event: { name: "denied", reason } });
  }

  /** It is behind: it gets more when it says that it has got what it was sent. */
  #wait(): void {
    this.#deadline ??= setTimeout(
      () => this.close(terminalClose.tooSlow, `Nothing was acknowledged for ${patienceMs / 1000} s.`),
      patienceMs,
    );
  }

  #stopWaiting(): void {
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
  }

  async #skip(): Promise<void> {
    this.#skipping = true;
    const snapshot = await this.#terminal.snapshot();
    this.#skipping = false;
    if (this.#closed || !snapshot) return;
    const { cols, rows, screen } = snapshot;
    if (screen) this.#socket.send(encodeScreen({ cols, rows, state: screen }));
    this.#socket.send(encodeSnapshot(snapshot));
    this.#sent = snapshot.offset;
    this.#acknowledged = snapshot.offset;
    this.pump();
  }
}
