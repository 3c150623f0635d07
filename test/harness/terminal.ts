import { Emulator } from "@lodge/server/terminals";
/** A viewer of a live terminal as the browser's page is one: its own emulator, fed by the socket, that resumes where it was. */
import {
  decodeServerFrame,
  encodeInput,
  parseTerminalServerMessage,
  type TerminalClientMessage,
  type TerminalRole,
  type TerminalServerMessage,
  type TerminalTicket,
} from "@lodge/shared";
import type { TestLodge } from "./lodge.ts";

type Message<T extends TerminalServerMessage["type"]> = Extract<TerminalServerMessage, { type: T }>;

/** A server, in this process or in one of its own. */
export type TerminalServer = Pick<TestLodge, "url" | "post">;

export interface TerminalOptions {
  role?: TerminalRole;
  name?: string;
  cols?: number;
  rows?: number;
  headers?: Record<string, string>;
  /** False to acknowledge nothing, as a page that hangs does. */
  acknowledges?: boolean;
}

export class TestTerminal implements Disposable {
  readonly messages: TerminalServerMessage[] = [];
  /** Frames of output and snapshots since the latest connection. */
  frames = { output: 0, snapshot: 0 };
  closed: { code: number; reason: string } | undefined;
  /** A message, a frame or the end has come. */
  readonly #lodge: TerminalServer;
  readonly #sessionId: string;
  readonly #options: TerminalOptions;
  #socket: WebSocket | undefined;
  #emulator: Emulator | undefined;
  #applying: Promise<void> = Promise.resolve();
  #stream: string | null = null;
  #announced: string | null = null;
  #offset = 0;
  #next = Promise.withResolvers<void>();

  constructor(lodge: TerminalServer, sessionId: string, options: TerminalOptions = {}) {
    this.#lodge = lodge;
    this.#sessionId = sessionId;
    this.#options = options;
  }

  static async open(lodge: TerminalServer, sessionId: string, options: TerminalOptions = {}): Promise<TestTerminal> {
    const terminal = new TestTerminal(lodge, sessionId, options);
    await terminal.connect();
    return terminal;
  }

  /** Connects, for the first time or again; resolves when the server is ready. */
  async connect(): Promise<Message<"ready">> {
    const { role = "viewer", name, cols, rows } = this.#options;
    const ticket = await ticketFor(this.#lodge, this.#sessionId, role, name);
    const socket = openSocket(this.#lodge, this.#sessionId, ticket, this.#options.headers);
    this.#socket = socket;
    this.closed = undefined;
    this.frames = { output: 0, snapshot: 0 };
    const seen = this.messages.length;
    socket.addEventListener("open", () =>
      this.send({
        type: "hello",
        stream: this.#stream,
        offset: this.#stream === null ? null : this.#offset,
        role,
        ...(cols === undefined ? {} : { cols }),
        ...(rows === undefined ? {} : { rows }),
      }),
    );
    socket.addEventListener("message", ({ data }) => {
      if (this.#socket === socket) this.#receive(data as string | ArrayBuffer);
    });
    socket.addEventListener("close", ({ code, reason }) => {
      if (this.#socket !== socket) return;
      this.closed = { code, reason };
      this.#wake();
    });
    return this.until(() => {
      if (this.closed) throw new Error(`closed: ${this.closed.code} ${this.closed.reason}`);
      return this.messages.slice(seen).find((message) => message.type === "ready");
    });
  }

  /** Loses the connection, as when a phone goes into a tunnel. */
  drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  send(message: TerminalClientMessage): void {
    this.#socket?.send(JSON.stringify(message));
  }

  raw(frame: string | Uint8Array<ArrayBuffer>): void {
    this.#socket?.send(frame);
  }

  type(text: string): void {
    this.#socket?.send(encodeInput(new TextEncoder().encode(text)));
  }

  get emulator(): Emulator {
    if (!this.#emulator) throw new Error("nothing has come yet");
    return this.#emulator;
  }

  get offset(): number {
    return this.#offset;
  }

  /** The visible lines and all above them. */
  get text(): string {
    const { active } = this.#emulator?.terminal.buffer ?? {};
    if (!active) return "";
    return Array.from({ length: active.length }, (_, row) => active.getLine(row)?.translateToString(true) ?? "").join(
      "\n",
    );
  }

  last<T extends TerminalServerMessage["type"]>(type: T): Message<T> | undefined {
    return this.messages.findLast((message): message is Message<T> => message.type === type);
  }

  /** Resolves with what `find` gives as soon as it gives something; asked now and whenever something has come. */
  async until<T>(find: () => T | undefined | false, withinMs = 20_000): Promise<T> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => late.reject(new Error(`not seen within ${withinMs} ms; on the screen:\n${this.text}`)),
      withinMs,
    );
    try {
      for (;;) {
        // What comes while it waits for what came before is not to be missed.
        const next = this.#next.promise;
        await this.#applying;
        const found = find();
        if (found !== undefined && found !== false) return found;
        await Promise.race([next, late.promise]);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  shows(text: string): Promise<true> {
    return this.until(() => this.text.includes(text) || undefined);
  }

  [Symbol.dispose](): void {
    this.drop();
    this.#emulator?.[Symbol.dispose]();
  }

  #receive(data: string | ArrayBuffer): void {
    if (typeof data === "string") {
      const message = parseTerminalServerMessage(data);
      if (!message) throw new Error(`no message of the protocol: ${data}`);
      this.messages.push(message);
      if (message.type === "ready") this.#announced = message.stream;
      if (message.type === "resize") {
        this.#emulator?.resize(message);
        this.#advance(message.offset, 1);
      }
      this.#wake();
      return;
    }
    const frame = decodeServerFrame(new Uint8Array(data));
    if (!frame) throw new Error("no frame of the protocol");
    if (frame.type === "screen") return;
    this.frames[frame.type]++;
    if (frame.type === "output") {
      this.emulator.write(frame.bytes);
      this.#advance(frame.offset, frame.bytes.length);
      this.#acknowledge();
      this.#wake();
      return;
    }
    // Before the first there is nothing to go on from.
    this.#stream = this.#announced;
    this.#emulator?.[Symbol.dispose]();
    this.#emulator = new Emulator(frame);
    this.#emulator.restore(frame.gzip ? Bun.gunzipSync(frame.state) : frame.state);
    this.#offset = frame.offset;
    this.#wake();
  }

  /** Every byte comes once, and none is left out. */
  #advance(offset: number, length: number): void {
    if (offset !== this.#offset) throw new Error(`offset ${offset} came where ${this.#offset} was next`);
    this.#offset += length;
  }

  #acknowledge(): void {
    if (this.#options.acknowledges ?? true) this.send({ type: "ack", offset: this.#offset });
  }

  #wake(): void {
    this.#applying = new Promise((resolve) => {
      if (this.#emulator) this.#emulator.onIdle(resolve);
      else resolve();
    });
    this.#next.resolve();
    this.#next = Promise.withResolvers();
  }
}

export async function ticketFor(
  lodge: TerminalServer,
  sessionId: string,
  role: TerminalRole,
  name?: string,
): Promise<string> {
  const body = { role, ...(name === undefined ? {} : { name }) };
  const response = await lodge.post(`/api/terminals/${sessionId}/tickets`, body);
  if (response.status !== 200) throw new Error(`no ticket: ${response.status} ${await response.text()}`);
  return ((await response.json()) as TerminalTicket).ticket;
}

export function openSocket(
  lodge: TerminalServer,
  sessionId: string,
  ticket: string,
  headers: Record<string, string> = {},
): WebSocket {
  const url = `${lodge.url.replace("http", "ws")}/api/terminals/${sessionId}/socket?ticket=${ticket}`;
  // Bun's takes headers where a browser's takes protocols.
  const socket = new WebSocket(url, { headers } as unknown as string[]);
  socket.binaryType = "arraybuffer";
  return socket;
}
