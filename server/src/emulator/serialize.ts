/**
 * A terminal's whole state as the bytes that bring a fresh one of the same size to it: both screens, the scrollback with
 * its wrapped lines, the cursor, the pen, the saved cursors, tab stops, scroll region, character sets, modes and title. Any
 * terminal shows the same by the text; what no sequence can say comes at its end (`Remainder`).
 */
import {
  type Attributes,
  type Charset,
  type Core,
  coreOf,
  type InternalBuffer,
  type InternalLine,
  type Marker,
  plainCharset,
  type Remainder,
  sayRemainder,
  type ScreenIndex,
  type Words,
} from "@lodge/shared";
import { Terminal } from "@xterm/headless";
import { type Cell, newCell } from "./internals.ts";
import { backgroundMask, backgroundOf, extendedOf, isPlain, linkOf, sameStyle, styleOf } from "./style.ts";

const csi = "\u001b[";
const plain = `${csi}m`;
/** Whatever sequence the reader is in the midst of is broken off; then everything is as at the beginning. */
const fresh = `\u0018\u001bc${csi}20l`;

/**
 * Only while the parser is at ground.
 *
 * @param part `screen` leaves out what has been scrolled away
 */
export function serialize(terminal: Terminal, part: "all" | "screen" = "all"): string {
  const core = coreOf(terminal);
  const { normal, alt, active } = core._bufferService.buffers;
  const { cols } = terminal;
  const firstRow = part === "all" ? 0 : normal.ybase;
  const rest = new RemainderWriter(core, firstRow);
  let state = fresh + screenState(normal, firstRow, cols, newCell(terminal), rest);
  if (active === alt) state += `${plain}${csi}?47h${csi}H${screenState(alt, 0, cols, newCell(terminal), rest)}`;
  return (
    state + rest.openNamed() + titleState(core) + endState(terminal, core, active, rest) + sayRemainder(rest.end())
  );
}

/** Lines, saved cursor, tab stops and scroll region of one screen; the cursor is left anywhere. */
function screenState(
  buffer: InternalBuffer,
  firstRow: number,
  cols: number,
  cell: Cell,
  rest: RemainderWriter,
): string {
  const screen = rest.screenOf(buffer);
  const writer = new LineWriter(cols, rest, screen);
  const { lines } = buffer;
  for (let row = firstRow; row < lines.length; row++) {
    const line = lines.get(row);
    if (!line) continue;
    if (row > firstRow) writer.next(line.isWrapped);
    // The line that it continues has been scrolled away.
    else if (line.isWrapped) rest.wrapped(screen, 0);
    writer.line(line, cell);
  }
  writer.link(0);
  return (
    writer.text + savedCursor(buffer, cols) + tabState(buffer, cols) + regionState(buffer, lines.length - buffer.ybase)
  );
}

const isSaved = ({ savedX, savedY, savedCurAttrData, savedCharset }: InternalBuffer): boolean =>
  savedX + savedY > 0 || !isPlain(savedCurAttrData) || savedCharset !== undefined;

/** Cells that no printing makes and that are told all the same: a few in a terminal, unless a program sets out to make them. */
const mostCells = 20_000;

/** Gathers what the text does not say. */
class RemainderWriter {
  readonly #core: Core;
  readonly #firstRow: number;
  readonly #wrapped: [ScreenIndex, number][] = [];
  readonly #wide: [ScreenIndex, number, number][] = [];
  readonly #cells: Remainder["cells"][number][] = [];
  /** Links that the text opens, in their order: their numbers, with their places from 1. */
  readonly #links = new Map<number, number>();

  constructor(core: Core, firstRow: number) {
    this.#core = core;
    this.#firstRow = firstRow;
  }

  screenOf(buffer: InternalBuffer): ScreenIndex {
    return buffer === this.#core._bufferService.buffers.alt ? 1 : 0;
  }

  wrapped(screen: ScreenIndex, row: number): void {
    this.#wrapped.push([screen, row]);
  }

  wide(screen: ScreenIndex, row: number, cols: number): void {
    this.#wide.push([screen, row, cols]);
  }

  /** Whether printing it takes the columns that the cell has: marks take none, and fall to the letter before. */
  takes(chars: string, width: number): boolean {
    const code = chars.codePointAt(0) ?? 0;
    return (code < 0x300 ? 1 : this.#core.unicodeService.wcwidth(code)) === width;
  }

  /** The link of the cell must have been opened before. */
  cell(screen: ScreenIndex, row: number, x: number, cell: Cell): void {
    if (this.#cells.length >= mostCells) return;
    this.#cells.push([screen, row, x, cell.content, cell.combinedData, this.#words(cell)]);
  }

  /** The sequence that opens a link, or closes the one that is open. One that is opened again is the same link still. */
  open(urlId: number): string {
    const link = urlId === 0 ? undefined : this.#core._oscLinkService.getLinkData(urlId);
    if (!link) return "\u001b]8;;\u001b\\";
    if (!this.#links.has(urlId)) this.#links.set(urlId, this.#links.size + 1);
    return `\u001b]8;id=${this.#nameOf(urlId)};${link.uri}\u001b\\`;
  }

  /** Those of which nothing is shown: opened by its name, each goes on. */
  openNamed(): string {
    const hidden = [...this.#core._oscLinkService._entriesWithId.values()].filter(({ id }) => !this.#links.has(id));
    return hidden.length === 0 ? "" : hidden.map(({ id }) => this.open(id)).join("") + this.open(0);
  }

  end(): Remainder {
    const { _charsetService: charsets, _inputHandler: handler, _bufferService } = this.#core;
    const { normal, alt } = _bufferService.buffers;
    const { charset, glevel, _charsets } = charsets;
    const onAlternate = new Set(alt.markers);
    return {
      cursors: [normal, alt].map(({ x, y }) => [x, y]),
      pen: this.#words(handler._curAttrData),
      join: handler._parser.precedingJoinState,
      charset: charset === _charsets[glevel] ? null : letterOf(charset),
      saved: [this.#saved(normal, this.#firstRow), this.#saved(alt, 0)],
      tabs: [normal, alt].map(({ tabs }) =>
        Object.keys(tabs)
          .map(Number)
          .filter((x) => tabs[x]),
      ),
      wrapped: this.#wrapped,
      wide: this.#wide,
      cells: this.#cells,
      links: [...this.#links.keys()].map((urlId) => this.#linkOf(urlId, onAlternate)),
    };
  }

  #linkOf(urlId: number, onAlternate: ReadonlySet<Marker>): Remainder["links"][number] {
    const entry = this.#core._oscLinkService._dataByLinkId.get(urlId);
    const lines = entry?.lines.map((marker): [ScreenIndex, number] =>
      onAlternate.has(marker) ? [1, marker.line] : [0, marker.line - this.#firstRow],
    );
    return [this.#nameOf(urlId), entry?.data.uri ?? "", (lines ?? []).filter(([, line]) => line >= 0)];
  }

  /** Those without a name of their own are told apart by their numbers. */
  #nameOf(urlId: number): string {
    return this.#core._oscLinkService.getLinkData(urlId)?.id ?? `~${urlId}`;
  }

  #saved({ savedX, savedY, savedCurAttrData, savedCharset }: InternalBuffer, firstRow: number) {
    const { fg, bg } = savedCurAttrData;
    return [savedX, Math.max(0, savedY - firstRow), fg, bg, letterOf(savedCharset)] as const;
  }

  #words({ fg, bg, extended }: Attributes): Words {
    const { urlId } = extended;
    return [fg, bg, extended._ext, urlId === 0 ? 0 : (this.#links.get(urlId) ?? -1)];
  }
}

/** Characters and sequences that are put together at once. */
const mostParts = 4096;

class LineWriter {
  readonly #cols: number;
  readonly #rest: RemainderWriter;
  readonly #screen: ScreenIndex;
  #row = 0;
  #text = "";
  /** What comes after that. Put together one by one, each character would leave a string of all before it behind. */
  readonly #parts: string[] = [];
  /** Of what is printed next: foreground, background and what is extended of them. */
  #fg = 0;
  #bg = 0;
  #ext = 0;
  #link = 0;
  #endsFull = false;

  constructor(cols: number, rest: RemainderWriter, screen: ScreenIndex) {
    this.#cols = cols;
    this.#rest = rest;
    this.#screen = screen;
  }

  get text(): string {
    this.#join();
    return this.#text;
  }

  /** What is printed from now on is part of this link. */
  link(urlId: number): void {
    if (urlId === this.#link) return;
    this.#parts.push(this.#rest.open(urlId));
    this.#link = urlId;
  }

  /** On to the next line, which is the continuation of the one before if it is wrapped. */
  next(wrapped: boolean): void {
    if (this.#pen(0, 0, 0)) this.#parts.push(plain);
    if (this.#parts.length > mostParts) this.#join();
    this.#row++;
    // Only a character too many makes a line wrapped; it is taken away again.
    if (wrapped && this.#endsFull) this.#parts.push(`-\r${csi}X`);
    else this.#parts.push("\r\n");
    if (wrapped && !this.#endsFull) this.#rest.wrapped(this.#screen, this.#row);
  }

  line(line: InternalLine, cell: Cell): void {
    const length = Math.min(this.#cols, line.length);
    let blank = 0;
    let blankBackground = 0;
    const flush = (isEnd: boolean) => {
      if (blank === 0) return;
      if (blankBackground !== 0) {
        if (this.#pen(0, blankBackground, 0)) this.#parts.push(backgroundOf(blankBackground));
        this.#parts.push(`${csi}${blank}X`);
      }
      if (!isEnd) this.#parts.push(`${csi}${blank}C`);
      blank = 0;
    };
    this.#endsFull = false;
    for (let x = 0; x < length; x++) {
      line.loadCell(x, cell);
      const width = cell.getWidth();
      if (!isPrintable(line, x, cell, this.#cols, this.#rest)) {
        if (width !== 1 || cell.getChars() !== "" || cell.fg !== 0 || (cell.bg & ~backgroundMask) !== 0) {
          this.#keep(x, cell);
        }
        const background = cell.bg & backgroundMask;
        if (background !== blankBackground) flush(false);
        blankBackground = background;
        blank += 1;
        continue;
      }
      flush(false);
      if (this.#pen(cell.fg, cell.bg, extendedOf(cell))) this.#parts.push(styleOf(cell));
      this.link(linkOf(cell));
      this.#parts.push(cell.getChars());
      this.#endsFull = x + width >= this.#cols;
      if (hasLostStyle(cell)) this.#rest.cell(this.#screen, this.#row, x, cell);
      if (width < 2) continue;
      // The second half is no cell of its own, and yet it may have come to look like one.
      const { fg, bg } = cell;
      const ext = extendedOf(cell);
      const link = linkOf(cell);
      line.loadCell(++x, cell);
      if (!sameStyle(cell, { fg, bg, ext, link }) || hasLostStyle(cell)) this.#keep(x, cell);
    }
    flush(true);
    if (line.length <= this.#cols) return;
    this.#rest.wide(this.#screen, this.#row, line.length);
    for (let x = this.#cols; x < line.length; x++) this.#keep(x, line.loadCell(x, cell));
  }

  #keep(x: number, cell: Cell): void {
    // So that there is such a link.
    if (linkOf(cell) !== 0) this.link(linkOf(cell));
    this.#rest.cell(this.#screen, this.#row, x, cell);
  }

  /** Whether that is another pen than before. */
  #pen(fg: number, bg: number, ext: number): boolean {
    if (fg === this.#fg && bg === this.#bg && ext === this.#ext) return false;
    this.#fg = fg;
    this.#bg = bg;
    this.#ext = ext;
    return true;
  }

  #join(): void {
    this.#text += this.#parts.join("");
    this.#parts.length = 0;
  }
}

/** Whether the cell holds a whole character that is there again when it is printed. */
function isPrintable(line: InternalLine, x: number, cell: Cell, cols: number, rest: RemainderWriter): boolean {
  const chars = cell.getChars();
  const width = cell.getWidth();
  if (chars === "" || width === 0 || !rest.takes(chars, width)) return false;
  if (width === 1) return true;
  // A wide character may have lost its second half, to a resize or to what was written there.
  return x + 1 < Math.min(cols, line.length) && line.hasContent(x + 1) === 0 && line.getWidth(x + 1) === 0;
}

/** An underline without a style or a style without an underline, as a restored cursor leaves them. */
const hasLostStyle = (cell: Cell): boolean =>
  ((cell.fg & underlined) !== 0) !== (((extendedOf(cell) >>> 26) & 7) !== 0);
const underlined = 0x10000000;

/** Saves a cursor where it was saved, if that is on the screen, and leaves the pen plain. */
function savedCursor(buffer: InternalBuffer, cols: number): string {
  if (!isSaved(buffer)) return "";
  const { savedX, savedY, savedCurAttrData, savedCharset, ybase } = buffer;
  const place = `${csi}${Math.max(0, savedY - ybase) + 1};${Math.min(savedX, cols - 1) + 1}H`;
  return `${place}${styleOf(savedCurAttrData)}\u001b(${letterOf(savedCharset)}\u001b7\u001b(B${plain}`;
}

function tabState({ tabs }: InternalBuffer, cols: number): string {
  const columns = Array.from({ length: cols }, (_, x) => x);
  if (columns.every((x) => Boolean(tabs[x]) === (x % 8 === 0))) return "";
  return `${csi}3g${columns.map((x) => (tabs[x] ? `${csi}${x + 1}G\u001bH` : "")).join("")}`;
}

const regionState = ({ scrollTop, scrollBottom }: InternalBuffer, rows: number): string =>
  scrollTop === 0 && scrollBottom === rows - 1 ? "" : `${csi}${scrollTop + 1};${scrollBottom + 1}r`;

const titleState = ({ _inputHandler }: Core): string => `\u001b]2;${_inputHandler._windowTitle}\u0007`;

/** Cursor, pen, character sets and modes: what holds for the next byte, as well as a sequence can say it. */
function endState(terminal: Terminal, core: Core, buffer: InternalBuffer, rest: RemainderWriter): string {
  const { cols } = terminal;
  const { origin } = core.coreService.decPrivateModes;
  const { _curAttrData } = core._inputHandler;
  const row = Math.max(0, origin ? buffer.y - buffer.scrollTop : buffer.y) + 1;
  const at = (x: number) => `${csi}${row};${x + 1}H`;
  const last = buffer.x < cols ? null : lastCell(buffer, newCell(terminal), cols, rest);
  // Beyond the last column one gets by printing there.
  const cursor = last
    ? at(last.x) + styleOf(last.cell) + rest.open(linkOf(last.cell)) + last.cell.getChars() + rest.open(0)
    : at(Math.min(buffer.x, cols - 1));
  // One that a restored cursor has hidden comes back with the next change of the pen.
  const { urlId } = _curAttrData.extended;
  const link = (urlId === 0 ? "" : rest.open(urlId)) + (linkOf(_curAttrData) === urlId ? "" : rest.open(0));
  const pen = styleOf(_curAttrData, true) + link;
  return `${origin ? `${csi}?6h` : ""}${cursor}${charsetState(core)}${modeState(terminal, core)}${pen}`;
}

/** The character that ends the cursor's line. */
function lastCell({ lines, ybase, y }: InternalBuffer, cell: Cell, cols: number, rest: RemainderWriter) {
  const line = lines.get(ybase + y);
  for (const x of [cols - 1, cols - 2]) {
    if (line && x >= 0 && isPrintable(line, x, line.loadCell(x, cell), cols, rest)) {
      return x + cell.getWidth() === cols ? { x, cell } : null;
    }
  }
  return null;
}

function charsetState({ _charsetService: { glevel, _charsets } }: Core): string {
  const designators = ["(", ")", "*", "+"];
  const designations = designators.map((designator, g) =>
    _charsets[g] ? `\u001b${designator}${letterOf(_charsets[g])}` : "",
  );
  return designations.join("") + ["", "\u000e", "\u001bn", "\u001bo"][glevel];
}

function modeState({ options }: Terminal, { coreService, coreMouseService }: Core): string {
  const { decPrivateModes: modes, isCursorHidden } = coreService;
  const on = (mode: string, isOn: boolean) => (isOn ? `${csi}${mode}` : "");
  const protocol = { NONE: "", X10: "9", VT200: "1000", DRAG: "1002", ANY: "1003" }[coreMouseService.activeProtocol];
  const encoding = { DEFAULT: "", SGR: "1006", SGR_PIXELS: "1016" }[coreMouseService.activeEncoding];
  const shape = modes.cursorStyle && { block: 2, underline: 4, bar: 6 }[modes.cursorStyle];
  return [
    on("?1h", modes.applicationCursorKeys),
    on("?66h", modes.applicationKeypad),
    on("?2004h", modes.bracketedPasteMode),
    on("?45h", modes.reverseWraparound),
    on("?1004h", modes.sendFocus),
    on("?7l", !modes.wraparound),
    on("4h", coreService.modes.insertMode),
    on("20h", options.convertEol === true),
    on(`?${protocol}h`, Boolean(protocol)),
    on(`?${encoding}h`, Boolean(encoding)),
    on("?25l", isCursorHidden),
    on("?25h", !isCursorHidden),
    shape === undefined ? "" : `${csi}${shape - (modes.cursorBlink ? 1 : 0)} q`,
    on("?2026h", modes.synchronizedOutput),
  ].join("");
}

/** Letters that designate character sets, by the set; the sets are the same objects in every terminal. */
let letters: Map<Charset, string> | undefined;

function letterOf(charset: Charset): string {
  letters ??= probeCharsets();
  return letters.get(charset) ?? plainCharset;
}

function probeCharsets(): Map<Charset, string> {
  const terminal = new Terminal({ cols: 2, rows: 1, allowProposedApi: true });
  const core = coreOf(terminal);
  const found = new Map<Charset, string>();
  for (const letter of ["0", "A", "4", "C", "5", "R", "Q", "K", "Y", "E", "6", "Z", "H", "7", "="]) {
    core._inputHandler.selectCharset(`(${letter}`);
    const charset = core._charsetService._charsets[0];
    if (charset && !found.has(charset)) found.set(charset, letter);
  }
  terminal.dispose();
  return found;
}
