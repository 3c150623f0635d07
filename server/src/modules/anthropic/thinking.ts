/** `thinking` and `output_config.effort` of the Messages API, as a session takes them. */
import { ApiError } from "../../http/errors.ts";
import type { FamilyRequest } from "../turns/turns.ts";
import type { CountRequest } from "./model.ts";

type Asked = Pick<FamilyRequest, "thinking" | "thinkingLimit" | "effort">;

export function parseThinking({ thinking, output_config: config, messages }: CountRequest): Asked {
  const effort = effortNow(messages) ?? config?.effort ?? undefined;
  switch (thinking?.type) {
    case undefined:
      return { thinking: false, effort };
    case "disabled":
      return { thinking: false, thinkingLimit: { tokens: 0, field: "thinking" }, effort };
    case "enabled":
      return {
        thinking: true,
        thinkingLimit: { tokens: thinking.budget_tokens, field: "thinking.budget_tokens" },
        effort,
      };
    case "adaptive":
    case "between_tools":
      return { thinking: true, effort };
  }
}

/** What a system message says of the turn that it belongs to; the last one counts. */
function effortNow(messages: CountRequest["messages"]): Asked["effort"] {
  const begin = messages.findLastIndex(({ role }) => role === "assistant") + 1;
  return messages
    .slice(begin)
    .flatMap((message) => (message.role === "system" ? [message.output_config?.effort ?? undefined] : []))
    .findLast((effort) => effort !== undefined);
}

/** With this a budget is for all thinking between the calls of a turn, and may be larger than one message. */
const interleaved = "interleaved-thinking";

/** @throws ApiError for a budget that leaves no room for an answer */
export function requireRoom(headers: Headers, { thinking, max_tokens: limit }: CountRequest): void {
  if (thinking?.type !== "enabled" || limit === undefined || thinking.budget_tokens < limit) return;
  if (headers.get("anthropic-beta")?.includes(interleaved)) return;
  throw new ApiError("invalid_request", "max_tokens: must be greater than `thinking.budget_tokens`.", {
    param: "max_tokens",
  });
}
