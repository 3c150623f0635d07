/**
 * What an xterm.js terminal needs on either side of the wire. Typed by what is used of it, since the server's terminal
 * and the browser's are of different packages.
 */
import { coreOf, type InternalLine, type InternalLines, sharedByLines } from "./terminal-internals.ts";

interface FunctionIdentifier {
  prefix?: string;
  intermediates?: string;
  final: string;
}

export interface ParsingTerminal {
  readonly cols: number;
  readonly rows: number;
  resize(cols: number, rows: number): void;
  readonly parser: {
    registerEscHandler(id: FunctionIdentifier, callback: () => boolean): unknown;
    registerCsiHandler(id: FunctionIdentifier, callback: (params: (number | number[])[]) => boolean): unknown;
    registerDcsHandler(id: FunctionIdentifier, callback: (data: string) => boolean): unknown;
    registerOscHandler(id: number, callback: (data: string) => boolean): unknown;
  };
  readonly buffer: { readonly active: { readonly cursorX: number; readonly cursorY: number; readonly length: number } };
}

/** Mends where xterm.js 6.0 fails. */
export function guardTerminal(terminal: ParsingTerminal): void {
  guardErasing(terminal);
  guardLinks(terminal);
  guardReset(terminal);
  guardReflow(terminal);
}

/**
 * The other screen, which is empty while it is not shown, would keep room for its former rows: a scrollback that it must
 * not have.
 */
export function resizeTerminal(terminal: ParsingTerminal, { cols, rows }: { cols: number; rows: number }): void {
  terminal.resize(cols, rows);
  const { normal, alt, active } = coreOf(terminal)._bufferService.buffers;
  if (active === normal) alt.clear();
  alt.savedX = Math.min(alt.savedX, cols - 1);
}

/** It throws when all above the last cell of the last line is erased and there is no line below, which would end the emulator. */
function guardErasing(terminal: ParsingTerminal): void {
  terminal.parser.registerCsiHandler({ final: "J" }, ([kind]) => {
    const { cursorX, cursorY, length } = terminal.buffer.active;
    if (kind !== 1 || cursorX + 1 < terminal.cols || cursorY + 1 < length) return false;
    // That is the whole screen.
    eraseScreen(terminal);
    return true;
  });
}

/** By the handler of the sequence that does just this. */
function eraseScreen(terminal: ParsingTerminal): void {
  coreOf(terminal)._inputHandler.eraseInDisplay({ params: [2] }, false);
}

/** It keeps the links of screens that a reset has thrown away, for ever. */
function guardReset(terminal: ParsingTerminal): void {
  const { _dataByLinkId: links, _entriesWithId: named } = coreOf(terminal)._oscLinkService;
  terminal.parser.registerEscHandler({ final: "c" }, () => {
    links.clear();
    named.clear();
    return false;
  });
}

/**
 * It counts the first character of a line that goes on from the one before as that one's still: a link that has no other
 * there was forgotten as soon as the line before was gone.
 */
function guardLinks(terminal: ParsingTerminal): void {
  const { _inputHandler: handler, _oscLinkService: links } = coreOf(terminal);
  const print = handler.print.bind(handler);
  handler.print = (data, start, end) => {
    print(data, start, end);
    const link = handler._getCurrentLinkId();
    if (link !== 0) links.addLineToLink(link, handler._activeBuffer.ybase + handler._activeBuffer.y);
  };
}

/**
 * Where it breaks lines anew it takes letters with marks along from cells that are not moved, or that were written over
 * long ago: they then stand in place of others. And the lines that there is no room for above all others come to stand
 * where the last ones are.
 */
function guardReflow(terminal: ParsingTerminal): void {
  const core = coreOf(terminal);
  const line = sharedByLines(core);
  if (!line || line.copyCellsFrom === copyCellsFrom) return;
  line.copyCellsFrom = copyCellsFrom;
  const lines = Object.getPrototypeOf(core._bufferService.buffers.normal.lines) as InternalLines;
  const { set } = lines;
  lines.set = function (row, value) {
    if (row >= 0) set.call(this, row, value);
  };
}

/** Of a cell's words: its content, foreground and background. */
const wordsPerCell = 3;
const isCombined = 0x200000;
const hasExtended = 0x10000000;

function copyCellsFrom(this: InternalLine, line: InternalLine, fromX: number, toX: number, length: number): void {
  const end = Math.min(fromX + length, line.length, this.length - toX + fromX);
  const words = line._data.slice(fromX * wordsPerCell, end * wordsPerCell);
  // All of it is read before any of it is written: the two may be one line.
  const cells = Array.from({ length: Math.max(0, end - fromX) }, (_, n) => ({
    combined: line._combined[fromX + n],
    extended: line._extendedAttrs[fromX + n],
  }));
  this._data.set(words, toX * wordsPerCell);
  for (const [n, { combined, extended }] of cells.entries()) {
    const [content = 0, , background = 0] = words.subarray(n * wordsPerCell);
    if (content & isCombined && combined !== undefined) this._combined[toX + n] = combined;
    if (background & hasExtended) this._extendedAttrs[toX + n] = extended;
  }
}

const swallow = () => true;

/**
 * Keeps a viewer's terminal from answering what the program asks of its terminal: the server's has answered already,
 * and a second answer would be read as typing.
 */
export function silenceTerminal(terminal: ParsingTerminal): void {
  const { parser } = terminal;
  // Device attributes, status and cursor position, modes and settings, the keyboard's protocol, and the window: only
  // reports of it, since it is nobody's to change.
  for (const id of [
    { final: "c" },
    { prefix: ">", final: "c" },
    { prefix: "=", final: "c" },
    { final: "n" },
    { prefix: "?", final: "n" },
    { intermediates: "$", final: "p" },
    { prefix: "?", intermediates: "$", final: "p" },
    { prefix: ">", final: "q" },
    { prefix: "?", final: "u" },
    { final: "t" },
  ]) {
    parser.registerCsiHandler(id, swallow);
  }
  parser.registerDcsHandler({ intermediates: "$", final: "q" }, swallow);
  // Colours: what sets one is left to the terminal.
  for (const id of [4, 10, 11, 12]) parser.registerOscHandler(id, (data) => data.split(";").includes("?"));
}
