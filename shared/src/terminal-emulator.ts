/**
 * What an xterm.js terminal needs on either side of the wire. Typed by what is used of it, since the server's terminal
 * and the browser's are of different packages.
 */

interface FunctionIdentifier {
  prefix?: string;
  intermediates?: string;
  final: string;
}

export interface ParsingTerminal {
  readonly cols: number;
  readonly rows: number;
  readonly parser: {
    registerCsiHandler(id: FunctionIdentifier, callback: (params: (number | number[])[]) => boolean): unknown;
    registerDcsHandler(id: FunctionIdentifier, callback: (data: string) => boolean): unknown;
    registerOscHandler(id: number, callback: (data: string) => boolean): unknown;
  };
  readonly buffer: { readonly active: { readonly cursorX: number; readonly cursorY: number; readonly length: number } };
}

/** What the public interface does not tell. */
interface Core {
  readonly _inputHandler: {
    readonly _activeBuffer: { readonly ybase: number; readonly y: number };
    eraseInDisplay(params: { params: number[] }, selective: boolean): boolean;
    print(data: Uint32Array, start: number, end: number): void;
    _getCurrentLinkId(): number;
  };
  readonly _oscLinkService: { addLineToLink(linkId: number, line: number): void };
}

const coreOf = (terminal: ParsingTerminal): Core => (terminal as unknown as { _core: Core })._core;

/** Mends where xterm.js 6.0 fails. */
export function guardTerminal(terminal: ParsingTerminal): void {
  guardErasing(terminal);
  guardLinks(terminal);
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
