/** Random output of terminal programs, and all of a terminal's state that anybody could ever see. */
import type { Terminal } from "@xterm/headless";
import fc from "fast-check";
import type { Size } from "../index.ts";
import { type Attributes, coreOf, type InternalBuffer, newCell } from "../internals.ts";
import { isHalf } from "../serialize.ts";
import { backgroundMask } from "../style.ts";

const csi = "\u001b[";
const small = fc.integer({ min: 0, max: 12 });

const letters = ["a", "q", "x", " ", "漢", "字", "é", "👍", "─", "Z"];
const wordsOf = (...units: string[]) => fc.string({ unit: fc.constantFrom(...units), maxLength: 40 });
const words = wordsOf(...letters);
const marked = wordsOf(...letters, "e\u0301", "\u0301");
const controls = fc.constantFrom("\r", "\n", "\r\n", "\t", "\b", "\u000e", "\u000f", "\u0007", "\u000b");
const moves = fc
  .tuple(small, small, fc.constantFrom("A", "B", "C", "D", "E", "F", "G", "H", "d", "f"))
  .map(([a, b, final]) => `${csi}${a};${b}${final}`);
const edits = fc
  .tuple(fc.integer({ min: 0, max: 4 }), fc.constantFrom("@", "L", "M", "P", "S", "T", "X", "J", "K", "b", "I", "Z"))
  // A line that scrolls away under a cursor beyond its last column leaves a place that no sequence leads to.
  .map(([a, final]) => `${"ST".includes(final) ? "\r" : ""}${csi}${final === "J" ? a % 3 : a}${final}`);
const pens = fc
  .array(
    fc.constantFrom(
      "0",
      "1",
      "2",
      "3",
      "4",
      "5",
      "7",
      "8",
      "9",
      "22",
      "24",
      "27",
      "53",
      "31",
      "42",
      "95",
      "104",
      "39",
      "49",
      "38;5;196",
      "48;5;22",
      "38;2;1;2;3",
      "48;2;9;8;7",
      "58:5:3",
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((parameters) => `${csi}${parameters.join(";")}m`);
// Closed again at once: a restored cursor keeps half of it, which no sequence can say.
const curly = words.map((text) => `${csi}4:3m${text}${csi}24m`);
// Closed at once too: the emulator forgets an open link with the line that it was opened in.
const links = marked.map((text) => `\u001b]8;;http://a.example/\u001b\\${text}\u001b]8;;\u001b\\`);
const modes = fc.constantFrom(
  ...["?1", "?25", "?45", "?66", "?1000", "?1002", "?1003", "?1004", "?1006", "?2004", "?2026", "4"].flatMap((mode) => [
    `${csi}${mode}h`,
    `${csi}${mode}l`,
  ]),
);
const screens = fc.constantFrom(`${csi}?1049h`, `${csi}?1049l`, `${csi}?47h`, `${csi}?47l`, `${csi}?1049h${csi}2J`);
const regions = fc.tuple(fc.integer({ min: 1, max: 4 }), small).map(([top, bottom]) => `${csi}${top};${bottom}r`);
const others = fc.constantFrom(
  "\u001b7",
  "\u001b8",
  "\u001bD",
  "\u001bM",
  "\u001bE",
  "\u001bH",
  `${csi}g`,
  `${csi}3g`,
  "\u001b(0",
  "\u001b(B",
  "\u001b)0",
  `${csi}!p`,
  `${csi}3 q`,
  `${csi}6 q`,
  "\u001b#8",
  "\u001bc",
  `${csi}6n`,
  `${csi}c`,
  `${csi}?6h`,
  `${csi}?6l`,
  "\u001b]2;a title\u0007",
  "\u001b]0;another\u001b\\",
  "\u009b31m",
  "\u001bPqzzz\u001b\\",
  `${csi}99999;1H`,
);
const lines = fc.array(words, { maxLength: 8 }).map((all) => all.join("\r\n"));

const common = [
  { weight: 6, arbitrary: words },
  { weight: 3, arbitrary: lines },
  { weight: 3, arbitrary: controls },
  { weight: 3, arbitrary: moves },
  { weight: 3, arbitrary: edits },
  { weight: 3, arbitrary: pens },
  { weight: 1, arbitrary: curly },
  { weight: 1, arbitrary: modes },
  { weight: 1, arbitrary: screens },
  { weight: 1, arbitrary: regions },
  { weight: 1, arbitrary: others },
] as const;
const narrowing = fc.constantFrom(`${csi}?7h`, `${csi}?7l`);
/** What the emulator gets wrong itself when it breaks old lines anew, or does not break lines at all. */
const fragile = fc.oneof(...common, { weight: 3, arbitrary: marked }, { weight: 1, arbitrary: links });
const robust = fc.oneof(...common, { weight: 1, arbitrary: narrowing });

export type Step = { type: "write"; bytes: Uint8Array } | ({ type: "resize" } & Size);

const sizes = (minCols: number, maxCols: number): fc.Arbitrary<Step> =>
  fc.record({
    type: fc.constant("resize" as const),
    cols: fc.integer({ min: minCols, max: maxCols }),
    rows: fc.integer({ min: 2, max: 9 }),
  });

/** The terminal's size to begin with. */
export const firstSize = { cols: 12, rows: 5 };

const steps = (piece: fc.Arbitrary<string>, size: fc.Arbitrary<Step>): fc.Arbitrary<Step[]> =>
  fc
    .array(
      fc.oneof(
        { weight: 12, arbitrary: fc.tuple(fc.array(piece, { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 4 })) },
        { weight: 1, arbitrary: size },
      ),
      { maxLength: 12 },
    )
    .map((parts) =>
      parts.flatMap((part): Step[] =>
        Array.isArray(part) ? chunks(part[0].join(""), part[1]) : [leaveAlternate, part],
      ),
    );

/** Output in chunks that heed neither characters nor sequences, with changes of size between them. */
export const output = fc.oneof(steps(robust, sizes(2, 24)), steps(fragile, sizes(firstSize.cols, firstSize.cols)));

/** What is cut off an alternate screen as it shrinks is still there when it grows; programs draw all of it anew then. */
const leaveAlternate: Step = { type: "write", bytes: new TextEncoder().encode("\u0018\u001b[?1049l") };

function chunks(text: string, cuts: number[]): Step[] {
  const bytes = new TextEncoder().encode(text);
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
  return places
    .slice(1)
    .map((end, index): Step => ({ type: "write", bytes: bytes.subarray(places[index], end) }))
    .filter((step) => step.type === "write" && step.bytes.length > 0);
}

/** Everything that shows, or will show by what comes next. */
export function stateOf(terminal: Terminal): object {
  const core = coreOf(terminal);
  const { normal, alt, active } = core._bufferService.buffers;
  const { charset, _charsets, glevel } = core._charsetService;
  return {
    cols: terminal.cols,
    rows: terminal.rows,
    active: active === normal ? "normal" : "alternate",
    normal: bufferOf(terminal, normal, active === normal),
    alternate:
      active === alt
        ? bufferOf(terminal, alt, true)
        : { savedX: Math.min(alt.savedX, terminal.cols - 1), savedY: Math.min(alt.savedY, terminal.rows - 1) },
    pen: attributesOf(terminal, core._inputHandler._curAttrData),
    charset: [charset, glevel, Array.from({ length: 4 }, (_, g) => _charsets[g])].map((value) =>
      JSON.stringify(value ?? null),
    ),
    modes: terminal.modes,
    hidden: core.coreService.isCursorHidden,
    cursor: [core.coreService.decPrivateModes.cursorStyle, core.coreService.decPrivateModes.cursorBlink],
    mouse: [core.coreMouseService.activeProtocol, core.coreMouseService.activeEncoding],
    title: core._inputHandler._windowTitle,
    parser: core._inputHandler._parser.currentState,
    newline: terminal.options.convertEol,
  };
}

function bufferOf(terminal: Terminal, buffer: InternalBuffer, isActive: boolean): object {
  const cell = newCell(terminal);
  const rows = Array.from({ length: buffer.lines.length }, (_, row) => {
    const line = buffer.lines.get(row);
    if (!line) return null;
    const cells = Array.from({ length: terminal.cols }, (_cell, x) => {
      if (x >= line.length) return null;
      line.loadCell(x, cell);
      const chars = cell.getChars();
      if (chars === "" || isHalf(line, x, cell, terminal.cols)) return `·${meaning(cell.bg & backgroundMask) || ""}`;
      return `${chars}|${cell.getWidth()}|${attributesOf(terminal, cell)}`;
    });
    return `${line.isWrapped ? "↪" : " "}${cells.join(" ")}`;
  });
  return {
    lines: rows,
    base: buffer.ybase,
    region: [buffer.scrollTop, buffer.scrollBottom],
    // The line is the scrollback's; what is saved is clamped to the screen when it is restored.
    saved: [Math.min(buffer.savedX, terminal.cols - 1), Math.min(buffer.savedY, buffer.lines.length - 1)],
    savedPen: [meaning(buffer.savedCurAttrData.fg), meaning(buffer.savedCurAttrData.bg & ~hasExtended)],
    savedCharset: JSON.stringify(buffer.savedCharset ?? null),
    tabs: Array.from({ length: terminal.cols }, (_, x) => Boolean(buffer.tabs[x])),
    ...(isActive ? { cursor: [buffer.x, buffer.y] } : {}),
  };
}

function attributesOf(terminal: Terminal, { fg, bg, extended }: Attributes): string {
  const link =
    !(bg & hasExtended) || extended.urlId === 0
      ? ""
      : (coreOf(terminal)._oscLinkService.getLinkData(extended.urlId)?.uri ?? "");
  // A palette's colour leaves parts of the true colour before it behind, and a restored cursor those of underlines.
  const underline = bg & hasExtended ? extended._ext & 0x1fffffff : 0;
  // A screen filled by a test of its alignment forgets the style of its underlines; the colour of none is not seen.
  const ext = fg & isUnderlined ? underline | (underline >>> 26 === 0 ? 0x4000000 : 0) : 0;
  return `${meaning(fg).toString(16)},${meaning(bg & ~hasExtended).toString(16)},${ext},${link}`;
}

const hasExtended = 0x10000000;
const isUnderlined = 0x10000000;

const meaning = (word: number): number =>
  (word & 0x3000000) === 0x3000000 ? word : (word & 0x3000000) === 0 ? word & 0xff000000 : word & 0xff0000ff;
