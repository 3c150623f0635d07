/**
 * A program may ask its terminal things: what it is, where the cursor is, which colours it has. The server's emulator
 * answers, once. An answer of each browser on top of that, late and perhaps twice, would be typed into the program.
 */
import type { Terminal } from "@xterm/xterm";

export function swallowQueries({ parser }: Pick<Terminal, "parser">): void {
  // Device attributes, in three kinds.
  for (const prefix of [undefined, ">", "="]) parser.registerCsiHandler(id(prefix, "c"), taken);
  // Status and cursor position.
  for (const prefix of [undefined, "?"]) parser.registerCsiHandler(id(prefix, "n"), taken);
  // Modes.
  parser.registerCsiHandler({ intermediates: "$", final: "p" }, taken);
  parser.registerCsiHandler({ prefix: "?", intermediates: "$", final: "p" }, taken);
  // The keyboard's protocol, and the emulator's name.
  parser.registerCsiHandler({ prefix: "?", final: "u" }, taken);
  parser.registerCsiHandler({ prefix: ">", final: "q" }, taken);
  // The window: only reports, since its changes are allowed to nobody.
  parser.registerCsiHandler({ final: "t" }, taken);
  // Settings.
  parser.registerDcsHandler({ intermediates: "$", final: "q" }, taken);
  // Colours: those that are asked for, not those that are set.
  for (const code of [4, 10, 11, 12]) parser.registerOscHandler(code, (data) => data.includes("?"));
}

const taken = () => true;

const id = (prefix: string | undefined, final: string) => (prefix === undefined ? { final } : { prefix, final });
