/**
 * What no sequence can say of a terminal's state. A snapshot is text that brings any terminal to what it shows; at its end
 * it holds this, as a sequence of our own that others pass over. It makes a terminal of ours the same as the first, to
 * what comes of the next byte.
 */
import {
  type Attributes,
  type Charset,
  coreOf,
  type Core,
  type InternalBuffer,
  type InternalCell,
  type LinkEntry,
  type Marker,
} from "./terminal-internals.ts";

/**
 * Foreground and background with their flags, style and colour of underlines, and the link by its place in `links` from 1:
 * 0 for none, and -1 for one that is forgotten.
 */
export type Words = readonly [fg: number, bg: number, extended: number, link: number];

/** 0 is the normal screen with its scrollback, 1 the alternate one. */
export type ScreenIndex = 0 | 1;

/** Rows are counted from the first line of the snapshot. */
export interface Remainder {
  /** On each screen, also where it is not shown; beyond the last column when the next character is to begin a line. */
  cursors: readonly (readonly [x: number, y: number])[];
  pen: Words;
  /** What a mark that comes next would join. */
  join: number;
  /** What a restored cursor has brought along without designating it; null for the set that is designated. */
  charset: string | null;
  /** Saved cursors of both screens. Their colours and flags are kept, and their character set by its letter. */
  saved: readonly SavedCursor[];
  /** Columns of both screens' tab stops, with those that the terminal is too narrow for. */
  tabs: readonly (readonly number[])[];
  /** Rows that go on from the row before, where the text could not tell. */
  wrapped: readonly (readonly [screen: ScreenIndex, row: number])[];
  /** Columns of rows that have more of them than the terminal, as they were cut off. */
  wide: readonly (readonly [screen: ScreenIndex, row: number, cols: number])[];
  /** Cells that no printing makes, such as the half of a wide character. */
  cells: readonly (readonly [
    screen: ScreenIndex,
    row: number,
    x: number,
    content: number,
    chars: string,
    words: Words,
  ])[];
  /** A link is forgotten with the last of its lines, whichever of its characters are left. */
  links: readonly (readonly [id: string, uri: string, lines: readonly (readonly [ScreenIndex, number])[]])[];
}

type SavedCursor = readonly [x: number, y: number, fg: number, bg: number, charset: string];

/** Number of a link that no terminal lives to give. */
const forgotten = 0x7fffffff;

/** Of a character set that replaces nothing. */
export const plainCharset = "B";

const opening = "\u001b]7733;";
const closing = "\u001b\\";
const openingBytes = Uint8Array.from(opening, (character) => character.charCodeAt(0));

/** To stand behind the text, and before the beginning of a sequence that has not ended yet. All of it is ASCII. */
export function sayRemainder(remainder: Remainder): string {
  const json = JSON.stringify(remainder).replaceAll(
    /[^ -~]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `${opening}${json}${closing}`;
}

/** A snapshot's state in the order in which a terminal is to take it; without a remainder, all of it is text. */
export function splitState(state: Uint8Array): { text: Uint8Array; remainder: Remainder | null; rest: Uint8Array } {
  const start = indexOf(state, openingBytes);
  const end = start < 0 ? -1 : state.indexOf(0x1b, start + openingBytes.length);
  if (end < 0) return { text: state, remainder: null, rest: new Uint8Array(0) };
  let json = "";
  for (const byte of state.subarray(start + openingBytes.length, end)) json += String.fromCharCode(byte);
  return {
    text: state.subarray(0, start),
    remainder: JSON.parse(json) as Remainder,
    rest: state.subarray(end + closing.length),
  };
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array): number {
  for (let at = bytes.indexOf(0x1b); at >= 0; at = bytes.indexOf(0x1b, at + 1)) {
    if (wanted.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  return -1;
}

/** @param terminal of xterm.js, which has just taken the text */
export function applyRemainder(terminal: object, remainder: Remainder): void {
  const core = coreOf(terminal);
  const { normal, alt } = core._bufferService.buffers;
  const screens: readonly [InternalBuffer, InternalBuffer] = [normal, alt];
  for (const [screen, row] of remainder.wrapped) {
    const line = screens[screen].lines.get(row);
    if (line) line.isWrapped = true;
  }
  for (const [screen, row, cols] of remainder.wide) screens[screen].lines.get(row)?.resize(cols, normal.getNullCell());
  const links = remainder.links.map(([id, uri]) => core._oscLinkService._entriesWithId.get(`${id};;${uri}`));
  const idOf = (link: number) => (link === 0 ? 0 : (links[link - 1]?.id ?? forgotten));
  for (const [screen, row, x, content, combinedData, words] of remainder.cells) {
    const line = screens[screen].lines.get(row);
    if (!line || x >= line.length) continue;
    const cell = { content, combinedData };
    setWords(cell as InternalCell, words, idOf, normal);
    line.setCell(x, cell as InternalCell);
  }
  const onAlternate = new Set(alt.markers);
  for (const [index, [, , lines]] of remainder.links.entries()) {
    const entry = links[index];
    if (entry) setLines(core, entry, lines, screens, onAlternate);
  }
  for (const [index, [x, y, fg, bg, charset]] of remainder.saved.entries()) {
    const buffer = screens[index as ScreenIndex];
    buffer.savedX = x;
    buffer.savedY = y;
    buffer.savedCurAttrData.fg = fg;
    buffer.savedCurAttrData.bg = bg;
    buffer.savedCharset = charsetOf(core, charset);
  }
  for (const [index, columns] of remainder.tabs.entries()) {
    screens[index as ScreenIndex].tabs = Object.fromEntries(columns.map((x) => [x, true]));
  }
  if (remainder.charset !== null) core._charsetService.charset = charsetOf(core, remainder.charset);
  setWords(core._inputHandler._curAttrData, remainder.pen, idOf, normal);
  for (const [index, [x, y]] of remainder.cursors.entries()) Object.assign(screens[index as ScreenIndex], { x, y });
  core._inputHandler._parser.precedingJoinState = remainder.join;
}

/** What is extended is shared by all cells that were printed alike, so it is made anew. */
function setWords(
  attributes: Attributes,
  [fg, bg, extended, link]: Words,
  idOf: (link: number) => number,
  buffer: InternalBuffer,
): void {
  attributes.fg = fg;
  attributes.bg = bg;
  attributes.extended = buffer.getNullCell().extended.clone();
  attributes.extended._ext = extended;
  attributes.extended.urlId = idOf(link);
}

function setLines(
  core: Core,
  entry: LinkEntry,
  lines: readonly (readonly [ScreenIndex, number])[],
  screens: readonly [InternalBuffer, InternalBuffer],
  onAlternate: ReadonlySet<Marker>,
): void {
  const former = [...entry.lines];
  // Nearly all are as they were opened, and there may be thousands.
  const isAlike = lines.every(([screen, line], n) => {
    const marker = former[n];
    return marker?.line === line && onAlternate.has(marker) === (screen === 1);
  });
  if (isAlike && former.length === lines.length) return;
  for (const [screen, line] of lines) {
    const marker = screens[screen].addMarker(line);
    entry.lines.push(marker);
    marker.onDispose(() => core._oscLinkService._removeMarkerFromLink(entry, marker));
  }
  for (const marker of former) marker.dispose();
}

/** The sets are known by the sequences that designate them, and by nothing else. */
function charsetOf({ _inputHandler, _charsetService }: Core, letter: string): Charset {
  if (letter === plainCharset) return undefined;
  const { charset, _charsets } = _charsetService;
  const [first] = _charsets;
  _inputHandler.selectCharset(`(${letter}`);
  const [wanted] = _charsets;
  _charsets[0] = first;
  _charsetService.charset = charset;
  return wanted;
}
