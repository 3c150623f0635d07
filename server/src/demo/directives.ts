/** What the user asked the demo model to do, in the user's own words. */
export type Directive =
  | { readonly kind: "echo"; readonly text: string }
  | { readonly kind: "slow"; readonly words: number }
  | { readonly kind: "think"; readonly text: string }
  /** Thinks what nobody may read. */
  | { readonly kind: "redacted"; readonly text: string }
  /** Says the text, with some of its input read from the cache and some written to it. */
  | { readonly kind: "cached"; readonly text: string }
  /** Gives this as its structured answer, with words beside it, and a right one when it is refused. */
  | { readonly kind: "draft"; readonly text: string }
  | { readonly kind: "long"; readonly characters: number }
  | { readonly kind: "tool"; readonly calls: readonly RequestedCall[] }
  /** Midway: after the answer has begun. */
  | { readonly kind: "fail"; readonly failure: Failure; readonly midway: boolean }
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

/** A status of the API; more tokens than the model takes; or an answer that breaks off without a word. */
const FAILURES = ["400", "401", "403", "413", "429", "500", "504", "529", "too-long", "lost"] as const;
export type Failure = (typeof FAILURES)[number];

/** Bounds of what one reply may cost; beyond them the directive is refused. */
export const MAX_WORDS = 10_000;
export const MAX_CHARACTERS = 5_000_000;

const WORD = /^(recall|turns|system|describe|stall|refuse)$/;
const WITH_ARGUMENT = /^(echo|draft|slow|think|redacted|cached|long|fail):[ \t]?([\s\S]*)$/;

export function parseDirective(text: string): Directive {
  const word = WORD.exec(text.trim())?.[1] as Word | undefined;
  if (word) return { kind: word };

  const start = text.trimStart();
  if (start.startsWith("tool:")) return parseCalls(start);

  const [, name, argument = ""] = WITH_ARGUMENT.exec(start) ?? [];
  switch (name) {
    case "echo":
      return { kind: "echo", text: argument };
    case "draft":
    case "think":
    case "redacted":
    case "cached":
      return { kind: name, text: argument };
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
  const [, name, midway] = /^(\S+)( midway)?$/.exec(argument) ?? [];
  const failure = FAILURES.find((known) => known === name);
  if (failure) return { kind: "fail", failure, midway: midway !== undefined || failure === "lost" };
  return { kind: "wrong", why: `Demo model: can fail with ${FAILURES.join(", ")}, not with "${clip(argument)}".` };
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
