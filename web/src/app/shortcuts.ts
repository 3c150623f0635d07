/** Which keys do what. */
import { type Place, places } from "./places.ts";

export type Shortcut =
  | { type: "palette" | "filter" | "new_job" | "next" | "previous" | "help" }
  | { type: "go"; to: Place };

/** For the help, in its order. Of two keys one is pressed after the other. */
export const shortcuts: readonly { keys: readonly string[]; action: Shortcut; words: string }[] = [
  { keys: ["Ctrl+K"], action: { type: "palette" }, words: "Go to anything" },
  { keys: ["/"], action: { type: "filter" }, words: "Filter the list" },
  { keys: ["j"], action: { type: "next" }, words: "Next row" },
  { keys: ["k"], action: { type: "previous" }, words: "Previous row" },
  ...places.map(({ to, label, key }) => ({
    keys: ["g", key],
    action: { type: "go", to } as const,
    words: `Go to ${label}`,
  })),
  { keys: ["n", "j"], action: { type: "new_job" }, words: "New job" },
  { keys: ["?"], action: { type: "help" }, words: "Show this help" },
];

/** Milliseconds within which the second key of a pair must follow. */
const pairMs = 1000;

export interface Typed {
  key: string;
  at: number;
}

/** What a key means after the one before it, if anything. A pair goes before what its second key means alone. */
export function shortcutFor(typed: Typed, before: Typed | null): Shortcut | null {
  const first = before !== null && typed.at - before.at <= pairMs ? before.key : null;
  const pair = shortcuts.find(({ keys }) => keys.length === 2 && keys[0] === first && keys[1] === typed.key);
  const single = shortcuts.find(({ keys }) => keys.length === 1 && keys[0] === typed.key);
  return (pair ?? single)?.action ?? null;
}
