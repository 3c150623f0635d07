/** Which keys do what. */

export type Shortcut = "palette" | "filter" | "sessions" | "workspaces" | "help";

/** For the help, in its order. */
export const shortcuts: { keys: string[]; action: Shortcut; words: string }[] = [
  { keys: ["Ctrl+K"], action: "palette", words: "Go to anything" },
  { keys: ["/"], action: "filter", words: "Filter the list" },
  { keys: ["g", "s"], action: "sessions", words: "Go to the sessions" },
  { keys: ["g", "w"], action: "workspaces", words: "Go to the workspaces" },
  { keys: ["?"], action: "help", words: "Show this help" },
];

/** Milliseconds within which the second key of a pair must follow. */
const pairMs = 1000;

export interface Typed {
  key: string;
  at: number;
}

/** What a key means after the one before it, if anything. */
export function shortcutFor(typed: Typed, before: Typed | null): Shortcut | null {
  const pair = before !== null && typed.at - before.at <= pairMs ? before.key : null;
  for (const { keys, action } of shortcuts) {
    const [first, second] = keys;
    if (second === undefined ? first === typed.key : first === pair && second === typed.key) return action;
  }
  return null;
}
