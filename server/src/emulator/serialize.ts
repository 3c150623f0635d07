/**
 * A terminal's whole state as the bytes that bring a fresh one of the same size to it: both screens, the scrollback with
 * its wrapped lines, the cursor, the pen, the saved cursors, tab stops, scroll region, character sets, modes and title.
 */
import { Terminal } from "@xterm/headless";
import {
  type Cell,
  type Charset,
  type Core,
  coreOf,
  type InternalBuffer,
  type InternalLine,
  newCell,
} from "./internals.ts";
import { backgroundMask, backgroundOf, extendedOf, isPlain, linkOf, linkTo, styleOf } from "./style.ts";

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
  let state = fresh;
  // What the other screen's cursor was saved as outlives it.
  if (active === normal && isSaved(alt)) {
    state += `${csi}?47h${csi}H${csi}${alt.savedY + 1};1H${savedCursor(core, alt, cols)}${csi}?47l${csi}H`;
  }
  const firstRow = part === "all" ? 0 : normal.ybase;
  state += bufferState(core, normal, firstRow, cols, newCell(terminal));
  if (active === alt) state += `${plain}${csi}?47h${csi}H${bufferState(core, alt, 0, cols, newCell(terminal))}`;
  return state + titleState(core) + endState(terminal, core, active);
}

/** Lines, tab stops and scroll region of one screen; the cursor is left anywhere. */
function bufferState(core: Core, buffer: InternalBuffer, firstRow: number, cols: number, cell: Cell): string {
  const writer = new LineWriter(core, cols);
  const { lines } = buffer;
  const savedRow = isSaved(buffer) ? Math.min(buffer.savedY, lines.length - 1) : -1;
  for (let row = firstRow; row < lines.length; row++) {
    const line = lines.get(row);
    if (!line) continue;
    if (row > firstRow) writer.next(line.isWrapped);
    // The line that it continues has been scrolled away.
    else if (line.isWrapped) writer.raw(`${csi}${cols}G--\r${csi}X${csi}H${csi}M`);
    if (row === savedRow) writer.raw(savedCursor(core, buffer, cols));
    writer.line(line, cell);
  }
  writer.link(0);
  return writer.text + tabState(buffer, cols) + regionState(buffer, lines.length - buffer.ybase);
}

const isSaved = ({ savedX, savedY, savedCurAttrData, savedCharset }: InternalBuffer): boolean =>
  savedX + savedY > 0 || !isPlain(savedCurAttrData) || savedCharset !== undefined;

/** Characters and sequences that are put together at once. */
const mostParts = 4096;

class LineWriter {
  readonly #core: Core;
  readonly #cols: number;
  #text = "";
  /** What comes after that. Put together one by one, each character would leave a string of all before it behind. */
  readonly #parts: string[] = [];
  /** Of what is printed next: foreground, background and what is extended of them. */
  #fg = 0;
  #bg = 0;
  #ext = 0;
  #link = 0;
  #lastCell = "";
  #lastWidth = 1;
  #endsFull = false;

  constructor(core: Core, cols: number) {
    this.#core = core;
    this.#cols = cols;
  }

  get text(): string {
    this.#join();
    return this.#text;
  }

  /** @param text leaves the pen plain */
  raw(text: string): void {
    this.#parts.push(text);
    this.#pen(0, 0, 0);
  }

  /** What is printed from now on is part of this link; opened once, since each opening would make another link of it. */
  link(urlId: number): void {
    if (urlId === this.#link) return;
    this.#parts.push(linkTo(this.#core, urlId));
    this.#link = urlId;
  }

  /** On to the next line, which is the continuation of the one before if it is wrapped. */
  next(wrapped: boolean): void {
    this.#plain();
    if (this.#parts.length > mostParts) this.#join();
    if (!wrapped) {
      this.#parts.push("\r\n");
      return;
    }
    // Only a character too many makes a line wrapped. It is taken away again, and so is the one before it.
    if (!this.#endsFull) this.#parts.push(`${csi}${this.#cols}G-`);
    this.#parts.push(`-\r${csi}X`);
    if (this.#endsFull) return;
    this.raw(`${csi}A${csi}${this.#cols - this.#lastWidth + 1}G${this.#lastCell}${csi}m${csi}B\r`);
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
    this.#lastCell = `${csi}m${csi}X`;
    this.#lastWidth = 1;
    for (let x = 0; x < length; x++) {
      line.loadCell(x, cell);
      const chars = cell.getChars();
      const width = cell.getWidth();
      const isLast = x + Math.max(width, 1) >= this.#cols;
      if (chars === "" || isHalf(line, x, cell, this.#cols)) {
        const background = cell.bg & backgroundMask;
        if (background !== blankBackground) flush(false);
        blankBackground = background;
        blank += 1;
        if (isLast) this.#lastCell = `${backgroundOf(background)}${csi}X`;
        continue;
      }
      flush(false);
      if (this.#pen(cell.fg, cell.bg, extendedOf(cell))) this.#parts.push(styleOf(cell));
      this.link(linkOf(cell));
      // A mark without a letter must not fall to the one before.
      if (width === 0) this.#parts.push(styleOf(cell));
      this.#parts.push(chars);
      // The second half is no cell of its own.
      if (width > 1) x++;
      if (!isLast) continue;
      this.#endsFull = true;
      this.#lastWidth = width;
      this.#lastCell = styleOf(cell) + chars;
    }
    flush(true);
  }

  /** Whether that is another pen than before. */
  #pen(fg: number, bg: number, ext: number): boolean {
    if (fg === this.#fg && bg === this.#bg && ext === this.#ext) return false;
    this.#fg = fg;
    this.#bg = bg;
    this.#ext = ext;
    return true;
  }

  #plain(): void {
    if (this.#pen(0, 0, 0)) this.#parts.push(plain);
  }

  #join(): void {
    this.#text += this.#parts.join("");
    this.#parts.length = 0;
  }
}

/** Whether a wide character has lost its second half, to a resize or to what was written there: it cannot be printed again. */
export function isHalf(line: InternalLine, x: number, cell: Cell, cols: number): boolean {
  if (cell.getWidth() < 2) return false;
  if (x + 1 >= Math.min(cols, line.length)) return true;
  return line.hasContent(x + 1) !== 0 || line.getWidth(x + 1) !== 0;
}

/** Saves a cursor in the cursor's line, and leaves the pen plain and the cursor at the line's beginning. */
function savedCursor(core: Core, { savedX, savedCurAttrData, savedCharset }: InternalBuffer, cols: number): string {
  // Of underlines and links only whether there are any is saved.
  const { extended } = core._inputHandler._curAttrData;
  const pen = { fg: savedCurAttrData.fg, bg: savedCurAttrData.bg, extended };
  // Beyond the last column one gets by printing there.
  const column = savedX < cols ? `${csi}${savedX + 1}G` : `${csi}${cols}G-`;
  const charset = `\u001b(${letterOf(savedCharset)}`;
  return `${column}${styleOf(pen)}${charset}\u001b7\u001b(B${plain}${savedX < cols ? "" : `${csi}X`}\r`;
}

function tabState({ tabs }: InternalBuffer, cols: number): string {
  const columns = Array.from({ length: cols }, (_, x) => x);
  if (columns.every((x) => Boolean(tabs[x]) === (x % 8 === 0))) return "";
  return `${csi}3g${columns.map((x) => (tabs[x] ? `${csi}${x + 1}G\u001bH` : "")).join("")}`;
}

const regionState = ({ scrollTop, scrollBottom }: InternalBuffer, rows: number): string =>
  scrollTop === 0 && scrollBottom === rows - 1 ? "" : `${csi}${scrollTop + 1};${scrollBottom + 1}r`;

const titleState = ({ _inputHandler }: Core): string => `\u001b]2;${_inputHandler._windowTitle}\u0007`;

/** Cursor, pen, character sets and modes: what holds for the next byte. */
function endState(terminal: Terminal, core: Core, buffer: InternalBuffer): string {
  const { cols } = terminal;
  const { charset, glevel, _charsets } = core._charsetService;
  const { origin, wraparound } = core.coreService.decPrivateModes;
  const { precedingJoinState } = core._inputHandler._parser;
  const joins = precedingJoinState !== 0;
  const { _curAttrData } = core._inputHandler;
  const pen = styleOf(_curAttrData, true) + (linkOf(_curAttrData) === 0 ? "" : linkTo(core, linkOf(_curAttrData)));
  // A restored cursor brings its character set along without designating it.
  const strayCharset = charset !== _charsets[glevel];
  const sets = charsetState(core);
  const modes = modeState(terminal, core);
  const before = (origin ? `${csi}?6h` : "") + (strayCharset ? `${sets}\u001b8` : "");
  const row = Math.max(0, origin ? buffer.y - buffer.scrollTop : buffer.y) + 1;
  const at = (x: number) => `${csi}${row};${x + 1}H`;
  const cell = joins || buffer.x >= cols ? cellBefore(buffer, newCell(terminal), cols) : undefined;
  if (!cell) return `${before}${at(buffer.x)}${strayCharset ? "" : sets}${modes}${pen}`;
  const { column, width, chars, style } = cell;
  const link = linkOf(style);
  const linked = (text: string) => (link === 0 ? text : linkTo(core, link) + text + linkTo(core, 0));
  // What had been printed there has been erased since: erasing the whole line leaves the cursor beyond its end.
  if (!joins && chars === "" && isBlank(buffer, cols)) {
    const erased = `${at(cols - 1)}${backgroundOf(style.bg)}-${csi}1K`;
    return `${before}${erased}${strayCharset ? "" : sets}${modes}${pen}`;
  }
  // A mark without a letter takes a place even beyond the last column.
  const beyond = "\u0301".repeat(Math.max(0, buffer.x - cols));
  if (beyond !== "") {
    const letter = `${at(column)}${styleOf(style)}${linked(chars || " ")}`;
    return `${before}${strayCharset ? "" : sets}${modes}${letter}${pen}${beyond}`;
  }
  // Where lines do not wrap, a wide character too many is left out, and yet a mark may come to it: such a one is left out again.
  if (!wraparound && widthOf(precedingJoinState) === 2 && buffer.x === cols - 1) {
    return `${before}${strayCharset ? "" : sets}${modes}${at(buffer.x)}${pen}漢`;
  }
  // The next mark may belong to the letter that was printed last: nothing may come after it.
  if (joins) {
    if (chars === "") return `${before}${at(buffer.x)}${strayCharset ? "" : sets}${modes}${pen}`;
    const gap = core.coreService.modes.insertMode ? `${csi}${width}P` : "";
    return `${before}${strayCharset ? "" : sets}${modes}${at(column)}${pen}${gap}${chars}`;
  }
  return `${before}${at(column)}${styleOf(style)}${linked(chars || " ")}${strayCharset ? "" : sets}${modes}${pen}`;
}

/** Columns of the character that was printed last, of what the parser keeps of it. */
const widthOf = (precedingJoinState: number): number => (precedingJoinState >> 1) & 3;

/** The cell that was printed last, by where the cursor is. */
function cellBefore({ lines, ybase, x: cursor, y }: InternalBuffer, cell: Cell, cols: number) {
  const x = Math.min(cursor, cols);
  const line = lines.get(ybase + y);
  for (const column of [x - 1, x - 2]) {
    if (!line || column < 0) return undefined;
    line.loadCell(column, cell);
    if (cell.getWidth() === 0 && cell.getChars() === "" && column === x - 1) continue;
    return {
      column,
      width: Math.max(1, cell.getWidth()),
      chars: isHalf(line, column, cell, cols) ? "" : cell.getChars(),
      style: cell,
    };
  }
  return undefined;
}

const isBlank = ({ lines, ybase, y }: InternalBuffer, cols: number): boolean => {
  const line = lines.get(ybase + y);
  return (
    line !== undefined && Array.from({ length: cols }, (_, x) => line.hasContent(x)).every((content) => content === 0)
  );
};

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
  return letters.get(charset) ?? "B";
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
