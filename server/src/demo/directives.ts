/** What the user asked the demo model to do, in the user's own words. */
export type Directive =
  | { readonly kind: "echo"; readonly text: string }
  | { readonly kind: "slow"; readonly words: number }
  | { readonly kind: "think"; readonly text: string }
  | { readonly kind: "long"; readonly characters: number }
  | { readonly kind: "tool"; readonly calls: readonly RequestedCall[] }
  | { readonly kind: "fail"; readonly status: FailStatus }
  | { [Each in Word]: { readonly kind: Each } }[Word]
  | { readonly kind: "say"; readonly text: string }
  /** A directive that was written wrongly: answered with 400 and the reason. */
  | { readonly kind: "wrong"; readonly why: string };

/** Directives that are one word, and nothing else in the text. */
type Word = "recall" | "turns" | "system" | "describe" | "stall" | "refuse";

export interface RequestedCall {
  readonly name: string;
  readonly input: Record<string, unknown>;
}

const FAIL_STATUSES = [400, 401, 429, 500, 529] as const;
export type FailStatus = (typeof FAIL_STATUSES)[number];

/** Bounds of what one reply may cost; beyond them the directive is refused. */
export const MAX_WORDS = 10_000;
export const MAX_CHARACTERS = 5_000_000;

const WORD = /^(recall|turns|system|describe|stall|refuse)$/;
const WITH_ARGUMENT = /^(echo|slow|think|long|fail):[ \t]?([\s\S]*)$/;

export function parseDirective(text: string): Directive {
  const word = WORD.exec(text.trim())?.[1] as Word | undefined;
  if (word) return { kind: word };

  const start = text.trimStart();
  if (start.startsWith("tool:")) return parseCalls(start);

  const [, name, argument = ""] = WITH_ARGUMENT.exec(start) ?? [];
  switch (name) {
    case "echo":
      return { kind: "echo", text: argument };
    case "think":
      return { kind: "think", text: argument };
    case "slow":
      return counted(argument, MAX_WORDS, "words", (words) => ({ kind: "slow", words }));
    case "long":
      return counted(argument, MAX_CHARACTERS, "characters", (characters) => ({ kind: "long", characters }));
    case "fail":
      return parseFailure(argument.trim());
    case undefined:
    default:
      return { kind: "say", text };
  }
}

function counted(argument: string, most: number, unit: string, make: (count: number) => Directive): Directive {
  const count = /^\d{1,9}$/.test(argument.trim()) ? Number(argument) : Number.NaN;
  if (count >= 1 && count <= most) return make(count);
  return { kind: "wrong", why: `Demo model: expected a number of ${unit} from 1 to ${most}, got "${clip(argument)}".` };
}

function parseFailure(argument: string): Directive {
  const status = FAIL_STATUSES.find((known) => String(known) === argument);
  if (status) return { kind: "fail", status };
  return { kind: "wrong", why: `Demo model: can fail with ${FAIL_STATUSES.join(", ")}, not with "${clip(argument)}".` };
}

/** Each line that begins with `tool:` is a call; the lines after it, up to the next, belong to its JSON. */
function parseCalls(text: string): Directive {
  const calls: RequestedCall[] = [];
  for (const part of text.split(/^[ \t]*tool:/m).slice(1)) {
    const [, name, json = ""] = /^\s*(\S+)\s*([\s\S]*)$/.exec(part) ?? [];
    if (!name) return { kind: "wrong", why: "Demo model: a tool line needs a name: tool: NAME {json}" };
    const input = parseObject(json.trim() || "{}");
    if (!input) return { kind: "wrong", why: `Demo model: the input of ${name} is not a JSON object: ${clip(json)}` };
    calls.push({ name, input });
  }
  return { kind: "tool", calls };
}

export function parseObject(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

const clip = (text: string): string => (text.length > 80 ? `${text.slice(0, 80)}…` : text);
