/** Cuts a stream of bytes into lines, whatever the pieces it comes in: a line or a character may be split anywhere. */

const newline = 0x0a;

export interface LineListener {
  line: (text: string) => void;
  /** A line was longer than is allowed and has been passed over. */
  tooLong: (bytes: number) => void;
}

export class LineSplitter {
  readonly #listener: LineListener;
  readonly #maxBytes: number;
  #pieces: Uint8Array[] = [];
  #held = 0;

  /** @param maxBytes of one line; what is longer is counted, not kept */
  constructor(maxBytes: number, listener: LineListener) {
    this.#maxBytes = maxBytes;
    this.#listener = listener;
  }

  /** The bytes are copied where they must be kept. */
  push(bytes: Uint8Array): void {
    let start = 0;
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
      this.#take(bytes.subarray(start, end));
      this.#finish();
      start = end + 1;
    }
    if (start < bytes.length) this.#take(bytes.subarray(start));
  }

  /** What came since the last line break counts as a line: the stream is over. */
  end(): void {
    if (this.#held > 0) this.#finish();
  }

  /** Forgets the line that was begun. */
  reset(): void {
    this.#pieces = [];
    this.#held = 0;
  }

  #take(piece: Uint8Array): void {
    this.#held += piece.length;
    if (this.#held > this.#maxBytes) this.#pieces = [];
    else this.#pieces.push(piece.slice());
  }

  #finish(): void {
    const { length } = this.#pieces;
    const bytes = this.#held;
    const text = length === 1 ? this.#pieces[0] : Buffer.concat(this.#pieces);
    this.reset();
    if (bytes > this.#maxBytes) this.#listener.tooLong(bytes);
    else if (text && text.length > 0) this.#listener.line(new TextDecoder().decode(text));
  }
}
