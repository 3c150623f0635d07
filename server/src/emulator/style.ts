/** The sequences that bring a terminal's pen to given attributes: colours and flags. */
import type { Attributes } from "@lodge/shared";

const colourMode = 0x3000000;
const palette16 = 0x1000000;
const palette256 = 0x2000000;
const rgb = 0x3000000;
/** Bits of a background that erasing leaves behind. */
export const backgroundMask = 0x3ffffff;
const hasExtended = 0x10000000;
const isUnderlined = 0x10000000;
const isProtected = 0x20000000;

/** Flags of the foreground and background words, with their SGR parameters. */
const foregroundFlags = [
  [0x4000000, 7],
  [0x8000000, 1],
  [0x20000000, 5],
  [0x40000000, 8],
  [0x80000000, 9],
] as const;
const backgroundFlags = [
  [0x4000000, 3],
  [0x8000000, 2],
  [0x40000000, 53],
] as const;

/** Underline's style and colour. Without the flag, what is there is left over from another cell. */
export const extendedOf = ({ bg, extended }: Attributes): number => (bg & hasExtended ? extended._ext : 0);

/** Neither colours nor flags. */
export const isPlain = (attributes: Attributes): boolean =>
  attributes.fg === 0 && attributes.bg === 0 && extendedOf(attributes) === 0;

/** @param isPen a pen keeps the colour of underlines for when it underlines again; a cell has no use for it */
export function styleOf(attributes: Attributes, isPen = false): string {
  const { fg, bg } = attributes;
  const ext = extendedOf(attributes);
  const parameters: (number | string)[] = [0];
  for (const [bit, parameter] of foregroundFlags) if (fg & bit) parameters.push(parameter);
  for (const [bit, parameter] of backgroundFlags) if (bg & bit) parameters.push(parameter);
  if (fg & isUnderlined) parameters.push(`4:${(ext >>> 26) & 7 || 1}`);
  parameters.push(...colour(fg, 30), ...colour(bg, 40), ...underlineColour(isPen ? attributes.extended._ext : ext));
  return `\u001b[${parameters.join(";")}m${bg & isProtected ? '\u001b[1"q' : ""}`;
}

/** Number of the link that a cell is part of; 0 for none. */
export const linkOf = ({ bg, extended }: Attributes): number => (bg & hasExtended ? extended.urlId : 0);

/** Whether two cells look the same but for what is in them; colours leave parts of others behind that nobody sees. */
export const sameStyle = (
  cell: Attributes,
  { fg, bg, ext, link }: { fg: number; bg: number; ext: number; link: number },
): boolean => cell.fg === fg && cell.bg === bg && extendedOf(cell) === ext && linkOf(cell) === link;

/** A background alone, as erased cells have it. */
export const backgroundOf = (bg: number): string => `\u001b[${[0, ...colour(bg, 40)].join(";")}m`;

/** @param base 30 for a foreground, 40 for a background */
function colour(word: number, base: 30 | 40): (number | string)[] {
  const value = word & 0xff;
  switch (word & colourMode) {
    case palette16:
      return [value < 8 ? base + value : base + 60 + value - 8];
    case palette256:
      return [`${base + 8}:5:${value}`];
    case rgb:
      return [`${base + 8}:2::${(word >>> 16) & 0xff}:${(word >>> 8) & 0xff}:${value}`];
    default:
      return [];
  }
}

function underlineColour(ext: number): string[] {
  const value = ext & 0xff;
  switch (ext & colourMode) {
    case palette16:
    case palette256:
      return [`58:5:${value}`];
    case rgb:
      return [`58:2::${(ext >>> 16) & 0xff}:${(ext >>> 8) & 0xff}:${value}`];
    default:
      return [];
  }
}
