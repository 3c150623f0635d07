/** The emulator from within: what a snapshot is made of, and a leak of work that is closed. */
import { type Core, type InternalCell, type InternalLine, sharedByLines } from "@lodge/shared";
import type { IBufferCell, Terminal } from "@xterm/headless";

export type Cell = IBufferCell & InternalCell;

/** A cell to load others into. */
export const newCell = (terminal: Terminal): Cell => terminal.buffer.active.getNullCell() as Cell;

/** Whether the parser is between two sequences, with no part of a character or a sequence held back. */
export function isAtGround(core: Core): boolean {
  const { _parser, _utf8Decoder } = core._inputHandler;
  return _parser.currentState === 0 && _utf8Decoder.interim.every((byte) => byte === 0);
}

/**
 * Has a line that is used again as the next one keep its empty lists. xterm.js 6.0 makes two new ones each time: of a
 * flood, which is nothing but such lines, that was the greater part of what it left behind to be collected.
 */
export function spareLists(core: Core): void {
  const shared = sharedByLines(core);
  if (!shared || shared.copyFrom === copyFrom) return;
  shared.copyFrom = copyFrom;
}

function copyFrom(this: InternalLine, line: InternalLine): void {
  if (this.length === line.length) this._data.set(line._data);
  else this._data = new Uint32Array(line._data);
  this.length = line.length;
  this._combined = copyOf(line._combined, this._combined);
  this._extendedAttrs = copyOf(line._extendedAttrs, this._extendedAttrs);
  this.isWrapped = line.isWrapped;
}

const copyOf = <T extends object>(list: T, before: T): T => (isEmpty(list) && isEmpty(before) ? before : { ...list });

function isEmpty(list: object): boolean {
  for (const _ in list) return false;
  return true;
}
