/**
 * Puts what arrives on the screen in its order, each byte once. Output is handed on at once and drawn when there is
 * time; a change of size or a snapshot waits until all before it has been drawn. What is held is bounded by the server,
 * which sends no more than a window ahead of what was acknowledged.
 */
import {
  type OutputFrame,
  type ScreenFrame,
  type SnapshotFrame,
  terminalLimits,
  type TerminalServerFrame,
} from "@lodge/shared";

/** A terminal emulator. */
export interface TerminalScreen {
  /** Calls back when it has been drawn; in the order of the calls. */
  write(bytes: Uint8Array, done: () => void): void;
  /** The same with the state of a snapshot, whose size it has. */
  restore(state: Uint8Array, done: () => void): void;
  resize(cols: number, rows: number): void;
  /** Back to an empty screen without scrollback, in no mode. */
  reset(): void;
  /** Resolves once what was written has been seen, or could have been. */
  painted(): Promise<void>;
}

export interface QueueListener {
  /** All up to this offset is on the screen; called when that is worth an `ack`. */
  onApplied: (offset: number) => void;
  /** Something is missing before what has just arrived. */
  onGap: () => void;
}

type Item = { type: "resize"; offset: number; cols: number; rows: number } | ScreenFrame | SnapshotFrame | OutputFrame;

export class ScreenQueue {
  readonly #screen: TerminalScreen;
  readonly #listener: QueueListener;
  readonly #items: Item[] = [];
  /** The next byte that is expected; all before it is on the screen or on its way there. */
  #next = 0;
  #expectsSnapshot = true;
  /** Of a snapshot that is on its way. */
  #isScreenShown = false;
  #working = false;
  #closed = false;
  #writing = 0;
  #acknowledged = 0;

  constructor(screen: TerminalScreen, listener: QueueListener) {
    this.#screen = screen;
    this.#listener = listener;
  }

  /** Where to go on from after a lost connection. */
  get offset(): number {
    return this.#next;
  }

  /** Whether the screen shows the stream up to `offset`; otherwise a snapshot has to come first. */
  get isCurrent(): boolean {
    return !this.#expectsSnapshot;
  }

  /** A new stream, or one that has gone on too far: nothing that comes before a snapshot is of use. */
  awaitSnapshot(): void {
    this.#expectsSnapshot = true;
  }

  take(frame: TerminalServerFrame): void {
    switch (frame.type) {
      case "output":
        return this.#output(frame);
      case "screen":
        return this.#push(frame);
      case "snapshot":
        this.#expectsSnapshot = false;
        this.#next = frame.offset;
        return this.#push(frame);
    }
  }

  #output(frame: OutputFrame): void {
    if (this.#expectsSnapshot) return;
    const known = this.#next - frame.offset;
    if (known < 0) return this.#listener.onGap();
    // What a resumed stream repeats is on the screen already.
    if (known >= frame.bytes.length) return;
    this.#next = frame.offset + frame.bytes.length;
    this.#push(known === 0 ? frame : { ...frame, offset: frame.offset + known, bytes: frame.bytes.subarray(known) });
  }

  resize({ offset, cols, rows }: { offset: number; cols: number; rows: number }): void {
    if (this.#expectsSnapshot || offset < this.#next) return;
    if (offset > this.#next) return this.#listener.onGap();
    // It counts as one in the stream.
    this.#next = offset + 1;
    this.#push({ type: "resize", offset, cols, rows });
  }

  close(): void {
    this.#closed = true;
    this.#items.length = 0;
  }

  #push(item: Item): void {
    this.#items.push(item);
    if (!this.#working) void this.#work();
  }

  async #work(): Promise<void> {
    this.#working = true;
    for (let item = this.#items.shift(); item !== undefined && !this.#closed; item = this.#items.shift()) {
      switch (item.type) {
        case "output":
          this.#write(item.bytes, item.offset + item.bytes.length);
          break;
        case "resize":
          await this.#drawn();
          this.#screen.resize(item.cols, item.rows);
          this.#acknowledge(item.offset + 1);
          break;
        case "screen":
          await this.#drawn();
          this.#screen.reset();
          this.#screen.resize(item.cols, item.rows);
          this.#screen.restore(item.state, () => {});
          await this.#drawn();
          await this.#screen.painted();
          this.#isScreenShown = true;
          break;
        case "snapshot": {
          const state = item.gzip ? await unpack(item.state) : item.state;
          if (state === null) {
            this.#listener.onGap();
            break;
          }
          await this.#drawn();
          // A state begins with a reset of its own, which nobody sees: it is drawn as a whole.
          if (!this.#isScreenShown) this.#screen.reset();
          this.#isScreenShown = false;
          this.#screen.resize(item.cols, item.rows);
          this.#acknowledged = item.offset;
          this.#writing++;
          this.#screen.restore(state, () => this.#drew(item.offset, true));
          break;
        }
      }
    }
    this.#working = false;
  }

  #write(bytes: Uint8Array, offset: number): void {
    this.#writing++;
    this.#screen.write(bytes, () => this.#drew(offset));
  }

  #drew(offset: number, isSnapshot = false): void {
    this.#writing--;
    if (this.#closed) return;
    const isDue = offset - this.#acknowledged >= terminalLimits.ackBytes || this.#writing === 0;
    if (isSnapshot || isDue) this.#acknowledge(offset);
  }

  #acknowledge(offset: number): void {
    this.#acknowledged = offset;
    this.#listener.onApplied(offset);
  }

  #drawn(): Promise<void> {
    return new Promise((resolve) => this.#screen.write(new Uint8Array(0), resolve));
  }
}

/** Null when it is damaged. */
async function unpack(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array | null> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer().then(
    (buffer) => new Uint8Array(buffer),
    () => null,
  );
}
