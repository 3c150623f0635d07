/**
 * Binary frames of a live terminal: one byte that says which, then the payload. Numbers are big-endian. What the two
 * are in the midst of, and when each may be sent, is in terminal.ts.
 *
 * | frame      | from   | payload                                                                       |
 * | ---------- | ------ | ----------------------------------------------------------------------------- |
 * | `OUTPUT`   | server | offset of the first byte (8 bytes), bytes as the program wrote them             |
 * | `SNAPSHOT` | server | offset (8), columns (2), rows (2), flags (1), state: bytes for a fresh terminal |
 * | `SCREEN`   | server | columns (2), rows (2), state: what the snapshot after it shows, without scrollback |
 * | `INPUT`    | client | bytes as typed                                                                |
 */
import { terminalLimits } from "./terminal.ts";

export const terminalOpcode = { output: 1, snapshot: 2, screen: 3, input: 16 } as const;

/** Bit of a snapshot's flags: the state is compressed, as `gzip` does. */
const gzipFlag = 1;
const outputHeader = 9;
const snapshotHeader = 14;
const screenHeader = 5;

/** Bytes of any kind of buffer but a shared one, as sockets take and give them. */
type Bytes = Uint8Array<ArrayBuffer>;

export interface OutputFrame {
  type: "output";
  /** Of the first byte. */
  offset: number;
  bytes: Bytes;
}

export interface SnapshotFrame {
  type: "snapshot";
  /** The next byte's. */
  offset: number;
  cols: number;
  rows: number;
  /** Whether `state` is compressed. */
  gzip: boolean;
  /** Written into a terminal that was reset and has this size, it shows what the terminal shows. */
  state: Bytes;
}

/** Comes before a large snapshot and counts for nothing in the stream: something to look at until that is there. */
export interface ScreenFrame {
  type: "screen";
  cols: number;
  rows: number;
  /** As a snapshot's, never compressed. */
  state: Bytes;
}

export type TerminalServerFrame = OutputFrame | SnapshotFrame | ScreenFrame;

export function encodeOutput(offset: number, bytes: Uint8Array): Bytes {
  const frame = new Uint8Array(outputHeader + bytes.length);
  const view = new DataView(frame.buffer);
  view.setUint8(0, terminalOpcode.output);
  view.setBigUint64(1, BigInt(offset));
  frame.set(bytes, outputHeader);
  return frame;
}

export function encodeSnapshot({ offset, cols, rows, gzip, state }: Omit<SnapshotFrame, "type">): Bytes {
  const frame = new Uint8Array(snapshotHeader + state.length);
  const view = new DataView(frame.buffer);
  view.setUint8(0, terminalOpcode.snapshot);
  view.setBigUint64(1, BigInt(offset));
  view.setUint16(9, cols);
  view.setUint16(11, rows);
  view.setUint8(13, gzip ? gzipFlag : 0);
  frame.set(state, snapshotHeader);
  return frame;
}

export function encodeScreen({ cols, rows, state }: Omit<ScreenFrame, "type">): Bytes {
  const frame = new Uint8Array(screenHeader + state.length);
  const view = new DataView(frame.buffer);
  view.setUint8(0, terminalOpcode.screen);
  view.setUint16(1, cols);
  view.setUint16(3, rows);
  frame.set(state, screenHeader);
  return frame;
}

export function encodeInput(bytes: Uint8Array): Bytes {
  const frame = new Uint8Array(1 + bytes.length);
  frame[0] = terminalOpcode.input;
  frame.set(bytes, 1);
  return frame;
}

/** A binary frame of the server; null when it is none of this protocol. The bytes are those of the frame, not a copy. */
export function decodeServerFrame(frame: Bytes): TerminalServerFrame | null {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  switch (frame[0]) {
    case terminalOpcode.output: {
      if (frame.length < outputHeader) return null;
      const offset = offsetAt(view, 1);
      return offset === null ? null : { type: "output", offset, bytes: frame.subarray(outputHeader) };
    }
    case terminalOpcode.snapshot: {
      if (frame.length < snapshotHeader) return null;
      const offset = offsetAt(view, 1);
      const [cols, rows] = [view.getUint16(9), view.getUint16(11)];
      if (offset === null || !isSize(cols, rows)) return null;
      const gzip = (view.getUint8(13) & gzipFlag) !== 0;
      return { type: "snapshot", offset, cols, rows, gzip, state: frame.subarray(snapshotHeader) };
    }
    case terminalOpcode.screen: {
      if (frame.length < screenHeader) return null;
      const [cols, rows] = [view.getUint16(1), view.getUint16(3)];
      return isSize(cols, rows) ? { type: "screen", cols, rows, state: frame.subarray(screenHeader) } : null;
    }
    default:
      return null;
  }
}

/** The bytes of a client's `INPUT`; null when the frame is none, or holds more than the limit or nothing. */
export function decodeInput(frame: Bytes): Bytes | null {
  if (frame[0] !== terminalOpcode.input || frame.length < 2) return null;
  return frame.length - 1 > terminalLimits.inputBytes ? null : frame.subarray(1);
}

function offsetAt(view: DataView, at: number): number | null {
  const offset = Number(view.getBigUint64(at));
  return Number.isSafeInteger(offset) ? offset : null;
}

const isSize = (cols: number, rows: number): boolean =>
  cols >= terminalLimits.minCols &&
  cols <= terminalLimits.maxCols &&
  rows >= terminalLimits.minRows &&
  rows <= terminalLimits.maxRows;
