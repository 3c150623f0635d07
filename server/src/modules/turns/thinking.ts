/** How much a request asks the model to think, in the words of a session; the same for every family. */
import type { EffortLevel, ModelDescription, Thinking } from "../../sessions/index.ts";

/** Tokens that the model may think for in one call, 0 for no thinking; and the request's field that says so. */
export interface ThinkingLimit {
  tokens: number;
  field: string;
}

export interface AskedThinking {
  effort?: EffortLevel | undefined;
  thinkingLimit?: ThinkingLimit | undefined;
}

/** OpenAI's words for effort; what they have below the CLI's lowest is that lowest. */
export const openaiEfforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"] as const;

export function openaiEffort(word: (typeof openaiEfforts)[number] | null | undefined, field: string): AskedThinking {
  switch (word) {
    case "none":
      return { effort: "low", thinkingLimit: { tokens: 0, field } };
    case "minimal":
      return { effort: "low" };
    case null:
    case undefined:
      return {};
    default:
      return { effort: word };
  }
}

/** @param visible whether the client wants to read it */
export const thinkingOf = (limit: ThinkingLimit | undefined, visible: boolean): Thinking => ({
  budget: limit?.tokens ?? null,
  summarized: visible,
});

/** The field of a limit that this model does not heed, as far as the CLI tells; it thinks as much as it likes. */
export function unheeded(
  limit: ThinkingLimit | undefined,
  model: string,
  known: readonly ModelDescription[],
): string | null {
  const { thinking } = known.find(({ resolved }) => resolved === model) ?? {};
  if (!limit || !thinking) return null;
  const heeds = limit.tokens === 0 ? !thinking.alwaysOn : thinking.takesBudget;
  return heeds ? null : limit.field;
}
