/** A terminal without a network: a source that a test writes to, and viewers whose connection is a function call. */
import {
  decodeServerFrame,
  parseTerminalServerMessage,
  type TerminalClientMessage,
  type TerminalRole,
  type TerminalServerMessage,
} from "@lodge/shared";
import { Emulator, type Size } from "../../emulator/index.ts";
import type { LiveTerminal } from "../live-terminal.ts";
import type { Keyboard, TerminalSource } from "../source.ts";
import { Viewer } from "../viewer.ts";

export class TestSource implements TerminalSource {
  readonly size: Size;
  readonly typed: string[] = [];
  readonly sizes: Size[] = [];
  /** Whether the program reads what is typed. */
  reads = true;
  pauses = 0;
  paused = false;
  readonly keyboard: Keyboard = {
    write: (bytes) => {
      if (!this.reads) return false;
      this.typed.push(new TextDecoder().decode(bytes));
      return true;
    },
    resize: (size) => void this.sizes.push(size),
    pause: () => {
      this.pauses++;
      this.paused = true;
    },
    resume: () => {
      this.paused = false;
    },
  };
  #listener: ((bytes: Uint8Array) => void) | undefined;

  constructor(size: Size) {
    this.size = size;
  }

  onOutput(listener: (bytes: Uint8Array) => void): Disposable {
    this.#listener = listener;
    return { [Symbol.dispose]: () => void (this.#listener = undefined) };
  }

  write(output: string | Uint8Array): void {
    this.#listener?.(typeof output === "string" ? new TextEncoder().encode(output) : output);
  }
}

/** Applies what it is sent as it comes, and goes on from there when it connects again. */
export class TestViewer {
  readonly messages: TerminalServerMessage[] = [];
  snapshots = 0;
  outputBytes = 0;
  closed: number | undefined;
  /** What the socket says that has not left it yet. */
  buffered = 0;
  emulator: Emulator | undefined;
  viewer: Viewer | undefined;
  #stream: string | null = null;
  #next: string | null = null;
  #offset = 0;
  readonly #terminal: LiveTerminal;
  readonly #options: { role: TerminalRole; acknowledges: boolean; scrollback: number | undefined };

  constructor(
    terminal: LiveTerminal,
    {
      role = "viewer",
      acknowledges = true,
      scrollback,
    }: { role?: TerminalRole; acknowledges?: boolean; scrollback?: number } = {},
  ) {
    this.#terminal = terminal;
    this.#options = { role, acknowledges, scrollback };
  }

  get offset(): number {
    return this.#offset;
  }

  connect(size?: Size, stream = this.#stream): this {
    this.open();
    const offset = stream === null ? null : this.#offset;
    this.tell({ type: "hello", stream, offset, role: this.#options.role, ...size });
    return this;
  }

  /** A connection over which nothing was said yet. */
  open(): this {
    let open = true;
    const { role } = this.#options;
    const socket = {
      send: (data: string | Uint8Array<ArrayBuffer>) => {
        if (open && this.viewer) this.#receive(data);
      },
      close: (code: number) => {
        open = false;
        this.closed = code;
      },
    };
    Object.defineProperty(socket, "buffered", { get: () => this.buffered });
    this.closed = undefined;
    this.viewer = new Viewer(this.#terminal, {
      socket: socket as typeof socket & { readonly buffered: number },
      role,
      name: "test",
    });
    return this;
  }

  drop(): void {
    this.viewer?.gone();
    this.viewer = undefined;
  }

  tell(message: TerminalClientMessage): void {
    this.viewer?.receive(JSON.stringify(message));
  }

  acknowledge(): void {
    this.tell({ type: "ack", offset: this.#offset });
  }

  [Symbol.dispose](): void {
    this.drop();
    this.emulator?.[Symbol.dispose]();
  }

  #receive(data: string | Uint8Array<ArrayBuffer>): void {
    if (typeof data === "string") {
      const message = parseTerminalServerMessage(data);
      if (!message) throw new Error(`no message of the protocol: ${data}`);
      this.messages.push(message);
      if (message.type === "ready") this.#next = message.stream;
      if (message.type !== "resize") return;
      this.emulator?.resize(message);
      return this.#advance(message.offset, 1);
    }
    const frame = decodeServerFrame(data);
    if (!frame) throw new Error("no frame of the protocol");
    if (frame.type === "screen") return;
    if (frame.type === "snapshot") {
      const { scrollback } = this.#options;
      this.snapshots++;
      // Before the first there is nothing to go on from.
      this.#stream = this.#next;
      this.emulator?.[Symbol.dispose]();
      this.emulator = new Emulator(frame, scrollback === undefined ? {} : { scrollback });
      this.emulator.restore(frame.gzip ? Bun.gunzipSync(frame.state) : frame.state);
      this.#offset = frame.offset;
      return;
    }
    this.outputBytes += frame.bytes.length;
    this.emulator?.write(frame.bytes);
    this.#advance(frame.offset, frame.bytes.length);
    if (this.#options.acknowledges) queueMicrotask(() => this.acknowledge());
  }

  #advance(offset: number, length: number): void {
    if (offset !== this.#offset) throw new Error(`offset ${offset} came where ${this.#offset} was next`);
    this.#offset += length;
  }
}
