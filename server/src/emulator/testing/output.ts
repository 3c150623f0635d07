/** Random output of terminal programs, and all of a terminal's state that anybody could ever see. */
import { type Attributes, coreOf, type InternalBuffer } from "@lodge/shared";
import type { Terminal } from "@xterm/headless";
import fc from "fast-check";
import type { Size } from "../index.ts";
import { newCell } from "../internals.ts";

const csi = "\u001b[";
const small = fc.integer({ min: 0, max: 12 });

const letters = ["a", "q", "x", " ", "漢", "字", "é", "👍", "─", "Z"];
const wordsOf = (...units: string[]) => fc.string({ unit: fc.constantFrom(...units), maxLength: 40 });
const words = wordsOf(...letters, "e\u0301", "\u0301");
const controls = fc.constantFrom("\r", "\n", "\r\n", "\t", "\b", "\u000e", "\u000f", "\u0007", "\u000b");
const moves = fc
  .tuple(small, small, fc.constantFrom("A", "B", "C", "D", "E", "F", "G", "H", "d", "f"))
  .map(([a, b, final]) => `${csi}${a};${b}${final}`);
const edits = fc
  .tuple(fc.integer({ min: 0, max: 4 }), fc.constantFrom("@", "L", "M", "P", "S", "T", "X", "J", "K", "b", "I", "Z"))
  .map(([a, final]) => `${csi}${final === "J" ? a % 3 : a}${final}`);
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
const underlines = fc
  .constantFrom("4:1", "4:3", "4:5", "24", "58:5:3", "58:2::1:2:3", "59")
  .map((style) => `${csi}${style}m`);
const links = fc
  .constantFrom(";http://a.example/", "id=x;http://a.example/", "id=x;http://b.example/", ";", ";")
  .map((link) => `\u001b]8;${link}\u001b\\`);
const modes = fc.constantFrom(
  ...["?1", "?7", "?25", "?45", "?66", "?1000", "?1002", "?1003", "?1004", "?1006", "?2004", "?2026", "4"].flatMap(
    (mode) => [`${csi}${mode}h`, `${csi}${mode}l`],
  ),
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

const piece = fc.oneof(
  { weight: 8, arbitrary: words },
  { weight: 3, arbitrary: lines },
  { weight: 3, arbitrary: controls },
  { weight: 3, arbitrary: moves },
  { weight: 3, arbitrary: edits },
  { weight: 3, arbitrary: pens },
  { weight: 1, arbitrary: underlines },
  { weight: 1, arbitrary: links },
  { weight: 1, arbitrary: modes },
  { weight: 1, arbitrary: screens },
  { weight: 1, arbitrary: regions },
  { weight: 1, arbitrary: others },
);

/** What all terminals understand alike, and no character is half written over. */
export const ordinary: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      wordsOf("a", "q", "x", " ", "é", "─", "Z"),
      pens,
      modes.filter((mode) => !mode.includes("?7")),
      screens,
      regions,
      fc.constantFrom("漢字\r\n", "\r\n", "\t", "\u001b7", "\u001b8", "\u001b(0", "\u001b(B", "\u000e", "\u000f"),
      fc.constantFrom(`${csi}2;3H`, `${csi}K`, `${csi}2L`, `${csi}M`, `${csi}2J`, `${csi}S`),
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(""));

export type Step = { type: "write"; bytes: Uint8Array } | ({ type: "resize" } & Size);

const size: fc.Arbitrary<Step> = fc.record({
  type: fc.constant("resize" as const),
  cols: fc.integer({ min: 2, max: 24 }),
  rows: fc.integer({ min: 2, max: 9 }),
});

/** The terminal's size to begin with. */
export const firstSize = { cols: 12, rows: 5 };

/** Output in chunks that heed neither characters nor sequences, with changes of size between them. */
export const output: fc.Arbitrary<Step[]> = fc
  .array(
    fc.oneof(
      { weight: 12, arbitrary: fc.tuple(fc.array(piece, { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 4 })) },
      { weight: 1, arbitrary: size },
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.flatMap((part): Step[] => (Array.isArray(part) ? chunks(part[0].join(""), part[1]) : [part])));

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
  const { currentState, precedingJoinState } = core._inputHandler._parser;
  return {
    cols: terminal.cols,
    rows: terminal.rows,
    active: active === normal ? "normal" : "alternate",
    normal: bufferOf(terminal, normal),
    alternate: bufferOf(terminal, alt),
    pen: attributesOf(terminal, core._inputHandler._curAttrData),
    // The pen keeps the colour for when it underlines again.
    underlines: meaning(core._inputHandler._curAttrData.extended._ext & 0x3ffffff),
    links: linksOf(terminal),
    charset: [charset, glevel, Array.from({ length: 4 }, (_, g) => _charsets[g])].map((value) =>
      JSON.stringify(value ?? null),
    ),
    modes: terminal.modes,
    hidden: core.coreService.isCursorHidden,
    shape: [core.coreService.decPrivateModes.cursorStyle, core.coreService.decPrivateModes.cursorBlink],
    mouse: [core.coreMouseService.activeProtocol, core.coreMouseService.activeEncoding],
    title: core._inputHandler._windowTitle,
    parser: [currentState, precedingJoinState],
    newline: terminal.options.convertEol,
  };
}

function bufferOf(terminal: Terminal, buffer: InternalBuffer): object {
  const cell = newCell(terminal);
  return {
    lines: Array.from({ length: buffer.lines.length }, (_, row) => {
      const line = buffer.lines.get(row);
      if (!line) return null;
      const cells = Array.from({ length: line.length }, (_cell, x) => {
        line.loadCell(x, cell);
        return `${cell.getChars()}|${cell.getWidth()}|${attributesOf(terminal, cell)}`;
      });
      return `${line.isWrapped ? "↪" : " "}${cells.join(" ")}`;
    }),
    base: buffer.ybase,
    cursor: [buffer.x, buffer.y],
    region: [buffer.scrollTop, buffer.scrollBottom],
    saved: [buffer.savedX, buffer.savedY],
    savedPen: [meaning(buffer.savedCurAttrData.fg), meaning(buffer.savedCurAttrData.bg)],
    savedCharset: JSON.stringify(buffer.savedCharset ?? null),
    tabs: Array.from({ length: terminal.cols }, (_, x) => Boolean(buffer.tabs[x])),
  };
}

/** The lines by which a link lives, of those that any character or the pen is part of. */
function linksOf(terminal: Terminal): string[] {
  const core = coreOf(terminal);
  const { normal, alt, active } = core._bufferService.buffers;
  const cell = newCell(terminal);
  const used = new Set([linkOf(core._inputHandler._curAttrData)]);
  for (const buffer of new Set([normal, active])) {
    for (let row = 0; row < buffer.lines.length; row++) {
      const line = buffer.lines.get(row);
      for (let x = 0; x < (line?.length ?? 0); x++) used.add(linkOf(line?.loadCell(x, cell) ?? cell));
    }
  }
  return [...used]
    .flatMap((id) => core._oscLinkService._dataByLinkId.get(id) ?? [])
    .map(({ data, lines: markers }) => {
      const places = markers.map((marker) => `${alt.markers.includes(marker) ? "alternate " : ""}${marker.line}`);
      return `${data.uri}: ${places.toSorted().join(", ")}`;
    })
    .toSorted();
}

const linkOf = ({ bg, extended }: Attributes): number => (bg & hasExtended ? extended.urlId : 0);

function attributesOf(terminal: Terminal, attributes: Attributes): string {
  const { fg, bg, extended } = attributes;
  const link = coreOf(terminal)._oscLinkService.getLinkData(linkOf(attributes))?.uri ?? "";
  // Without the flag, what is there is left over from another cell.
  const underline = bg & hasExtended ? extended._ext & 0x1fffffff : 0;
  const style = underline & underlineStyle;
  // The colour of none is not seen.
  const colour = style === 0 && (fg & isUnderlined) === 0 ? 0 : underline & ~style;
  const parts = [meaning(fg), meaning(bg & ~hasExtended), style, meaning(colour)];
  return `${parts.map((part) => part.toString(16)).join(",")},${link}`;
}

const hasExtended = 0x10000000;
const isUnderlined = 0x10000000;
const underlineStyle = 0x1c000000;

/** A palette's colour leaves parts of the true colour before it behind, which nobody sees. */
const meaning = (word: number): number =>
  (word & 0x3000000) === 0x3000000 ? word : (word & 0x3000000) === 0 ? word & 0xff000000 : word & 0xff0000ff;
