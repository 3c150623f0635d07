/** Keys that a phone's keyboard does not have, as the bytes that a program expects. */

export const barKeys = ["Esc", "Tab", "Ctrl", "←", "↑", "↓", "→", "Enter"] as const;
export type BarKey = (typeof barKeys)[number];

const arrows: Partial<Record<BarKey, string>> = { "↑": "A", "↓": "B", "→": "C", "←": "D" };

/** @param isApplication whether the program has asked for the cursor keys' other code (DECCKM) */
export function keySequence(key: Exclude<BarKey, "Ctrl">, isApplication: boolean): string {
  const arrow = arrows[key];
  if (arrow !== undefined) return `\u001b${isApplication ? "O" : "["}${arrow}`;
  return key === "Esc" ? "\u001b" : key === "Tab" ? "\t" : "\r";
}

/** What a typed character becomes while Ctrl is held; the same where it has no control code. */
export function withCtrl(text: string): string {
  const code = text.toUpperCase().codePointAt(0);
  if (text.length !== 1 || code === undefined) return text;
  if (text === " ") return "\0";
  if (text === "?") return "\u007f";
  return code >= 0x40 && code <= 0x5f ? String.fromCodePoint(code - 0x40) : text;
}
