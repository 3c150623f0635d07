/**
 * What the emulator knows of itself and does not tell by its public interface: a snapshot that restores all of it needs
 * more than there is. The version is pinned; a test compares every part of this with what a restored emulator has.
 */
import type { IBufferCell, Terminal } from "@xterm/headless";

export interface Attributes {
  /** Colour and flags, packed. */
  fg: number;
  bg: number;
  /** Underline's style and colour, packed, and the link. Its getter shows every link as underlined. */
  extended: { _ext: number; urlId: number };
}

export type Cell = IBufferCell & Attributes;

export interface InternalLine {
  length: number;
  isWrapped: boolean;
  /** Fills the cell that it is given, and returns it. */
  loadCell(x: number, into: Cell): Cell;
  hasContent(x: number): number;
  getWidth(x: number): number;
  _data: Uint32Array;
  /** Of cells with more than one character, and with more than colours. */
  _combined: Record<number, string>;
  _extendedAttrs: Record<number, unknown>;
  copyFrom(line: InternalLine): void;
}

/** A table of replacement characters; undefined for plain ASCII. */
export type Charset = Readonly<Record<string, string>> | undefined;

export interface InternalBuffer {
  lines: { length: number; get(row: number): InternalLine | undefined };
  x: number;
  y: number;
  ybase: number;
  scrollTop: number;
  scrollBottom: number;
  savedX: number;
  /** Counted from the first line of the scrollback. */
  savedY: number;
  savedCurAttrData: Attributes;
  savedCharset: Charset;
  tabs: Record<number, boolean | undefined>;
  clear(): void;
}

export interface Core {
  _inputHandler: {
    _curAttrData: Attributes;
    _windowTitle: string;
    _utf8Decoder: { interim: Uint8Array };
    _parser: { currentState: number; precedingJoinState: number; reset(): void };
    parse(bytes: Uint8Array): void | Promise<boolean>;
    selectCharset(designation: string): boolean;
  };
  _charsetService: { glevel: number; charset: Charset; _charsets: Charset[] };
  _oscLinkService: { getLinkData(id: number): { id?: string; uri: string } | undefined };
  coreMouseService: { activeProtocol: string; activeEncoding: string };
  coreService: {
    isCursorHidden: boolean;
    modes: { insertMode: boolean };
    decPrivateModes: {
      applicationCursorKeys: boolean;
      applicationKeypad: boolean;
      bracketedPasteMode: boolean;
      cursorBlink: boolean | undefined;
      cursorStyle: "block" | "underline" | "bar" | undefined;
      origin: boolean;
      reverseWraparound: boolean;
      sendFocus: boolean;
      synchronizedOutput: boolean;
      wraparound: boolean;
    };
  };
  _bufferService: { buffers: { normal: InternalBuffer; alt: InternalBuffer; active: InternalBuffer } };
}

export const coreOf = (terminal: Terminal): Core => (terminal as unknown as { _core: Core })._core;

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
  const line = core._bufferService.buffers.normal.lines.get(0);
  const shared = line && (Object.getPrototypeOf(line) as InternalLine);
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
