/**
 * What xterm.js knows of itself and does not tell by its public interface: a snapshot that restores all of it needs more
 * than there is. The version is pinned, the same on both sides; a test compares every part of this with what a restored
 * terminal has.
 */

export interface Attributes {
  /** Colour and flags, packed. */
  fg: number;
  bg: number;
  /** Underline's style and colour, packed, and the link. Its getter shows every link as underlined. */
  extended: ExtendedAttributes;
}

export interface ExtendedAttributes {
  _ext: number;
  urlId: number;
  clone(): ExtendedAttributes;
}

export interface InternalCell extends Attributes {
  /** The character, or that there are several, and the columns that it takes: packed. */
  content: number;
  /** The characters where there are several. */
  combinedData: string;
  getChars(): string;
  getWidth(): number;
}

export interface InternalLine {
  /** Columns; more than the terminal has where it was wider once. */
  length: number;
  isWrapped: boolean;
  /** Fills the cell that it is given, and returns it. */
  loadCell<C extends InternalCell>(x: number, into: C): C;
  setCell(x: number, cell: InternalCell): void;
  resize(cols: number, fill: InternalCell): void;
  hasContent(x: number): number;
  getWidth(x: number): number;
  _data: Uint32Array;
  /** Of cells with more than one character, and with more than colours. */
  _combined: Record<number, string>;
  _extendedAttrs: Record<number, unknown>;
  copyFrom(line: InternalLine): void;
  copyCellsFrom(line: InternalLine, fromX: number, toX: number, length: number): void;
}

/** A table of replacement characters; undefined for plain ASCII. */
export type Charset = Readonly<Record<string, string>> | undefined;

/** A place that moves with its line, and goes with it. */
export interface Marker {
  readonly line: number;
  dispose(): void;
  onDispose(listener: () => void): unknown;
}

export interface InternalLines {
  length: number;
  get(row: number): InternalLine | undefined;
  set: (this: InternalLines, row: number, line: InternalLine) => void;
}

export interface InternalBuffer {
  lines: InternalLines;
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
  markers: Marker[];
  addMarker(line: number): Marker;
  getNullCell(): InternalCell;
  clear(): void;
}

export interface LinkEntry {
  readonly data: { readonly id?: string; readonly uri: string };
  readonly id: number;
  /** It is forgotten when the last of its lines is gone. */
  readonly lines: Marker[];
}

export interface Core {
  _inputHandler: {
    _activeBuffer: { readonly ybase: number; readonly y: number };
    _curAttrData: Attributes;
    _windowTitle: string;
    _utf8Decoder: { interim: Uint8Array };
    _parser: { currentState: number; precedingJoinState: number; reset(): void };
    parse(bytes: Uint8Array): void | Promise<boolean>;
    print(data: Uint32Array, start: number, end: number): void;
    eraseInDisplay(params: { params: number[] }, selective: boolean): boolean;
    selectCharset(designation: string): boolean;
    _getCurrentLinkId(): number;
  };
  unicodeService: { wcwidth(code: number): number };
  _charsetService: { glevel: number; charset: Charset; _charsets: Charset[] };
  _oscLinkService: {
    /** By number, in the order in which they came. */
    _dataByLinkId: Map<number, LinkEntry>;
    _entriesWithId: Map<string, LinkEntry>;
    getLinkData(id: number): LinkEntry["data"] | undefined;
    addLineToLink(linkId: number, line: number): void;
    _removeMarkerFromLink(entry: LinkEntry, marker: Marker): void;
  };
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

/** What all lines of all terminals of one package share. */
export function sharedByLines({ _bufferService }: Core): InternalLine | undefined {
  const line = _bufferService.buffers.normal.lines.get(0);
  return line && (Object.getPrototypeOf(line) as InternalLine);
}

/** @param terminal of xterm.js, with a screen or without */
export const coreOf = (terminal: object): Core => (terminal as { _core: Core })._core;
