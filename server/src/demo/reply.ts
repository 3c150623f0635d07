import { readConversation, type Conversation, type ToolCall } from "./conversation.ts";
import { parseDirective, type Directive, type Failure } from "./directives.ts";
import { withinLimits } from "./limits.ts";
import { describeMedia } from "./media.ts";
import { failure, message, say, type FailurePlan, type MessagePlan, type Plan } from "./plan.ts";
import { blocksOf, type MessagesRequest } from "./request.ts";
import { answerSideCall } from "./side-calls.ts";
import { betterDraft, STRUCTURED_TOOL, structureOf, structuredReply } from "./structured.ts";
import { callTools, offeredTools, reportResults } from "./tools.ts";

const SLOW_PAUSE_MS = 50;
const RETRY_AFTER_SECONDS = 1;

/** Decides the whole reply. Pure but for the ids of tool calls. */
export function replyTo(request: MessagesRequest): Plan {
  const plan = decide(request, readConversation(request.messages));
  return plan.kind === "message" ? withinLimits(plan, request) : plan;
}

function decide(request: MessagesRequest, conversation: Conversation): Plan {
  const side = answerSideCall(request, conversation);
  if (side) return side;

  const text = conversation.turns.at(-1)?.text ?? "";
  // The CLI probes (for its quota, for a token count) with one token and sometimes with the user's own messages.
  const directive: Directive = request.max_tokens === 1 ? { kind: "say", text } : parseDirective(text);

  const { waiting } = conversation;
  if (waiting.kind === "results") {
    if (waiting.calls.some(isStructured)) {
      const refused = waiting.results.some((result) => result.isError);
      const structure = structureOf(request);
      if (refused && structure && directive.kind === "draft") return betterDraft(structure);
      return say(refused ? "The structured answer was refused." : "The structured answer was given.");
    }
    const structure = structureOf(request);
    const requested = directive.kind === "tool" ? directive.calls : [];
    return structure
      ? structuredReply(structure, directive)
      : say(reportResults(waiting.calls, waiting.results, requested));
  }
  const plan = obey(directive, request, conversation);
  return waiting.kind === "machine" && waiting.says === "resume" ? rest(plan, conversation.said) : plan;
}

function obey(directive: Directive, request: MessagesRequest, conversation: Conversation): Plan {
  switch (directive.kind) {
    case "wrong":
      return failure(400, "invalid_request_error", directive.why);
    case "fail":
      return directive.midway ? broken(directive.failure) : failureOf(directive.failure);
    case "stall":
      return { kind: "silence" };
    case "refuse":
      return message([{ type: "text", text: "I must refuse this." }], "refusal");
    case "tool":
      return callTools(directive.calls, offeredTools(request));
    case "think": {
      const answer = answerTo(directive, request, conversation);
      const { text } = directive;
      return { ...answer, blocks: [{ type: "thinking", thinking: text, signature: sign(text) }, ...answer.blocks] };
    }
    case "redacted": {
      const answer = answerTo(directive, request, conversation);
      return { ...answer, blocks: [{ type: "redacted_thinking", data: sign(directive.text) }, ...answer.blocks] };
    }
    case "echo":
    case "draft":
    case "slow":
    case "cached":
    case "long":
    case "recall":
    case "turns":
    case "system":
    case "describe":
    case "say":
    default:
      return answerTo(directive, request, conversation);
  }
}

const HALF = "This answer breaks off in the middle of";

const broken = (name: Failure): Plan => ({
  kind: "broken",
  message: say(HALF),
  failure: name === "lost" ? undefined : failureOf(name),
});

type Answerable = Exclude<Directive, { kind: "wrong" | "fail" | "stall" | "refuse" | "tool" }>;

/** An answer in text, or in the shape of the schema that the request must be answered to. */
function answerTo(directive: Answerable, request: MessagesRequest, conversation: Conversation): MessagePlan {
  const structure = structureOf(request);
  if (structure) return structuredReply(structure, directive);
  switch (directive.kind) {
    case "echo":
    case "draft":
      return say(directive.text);
    case "cached":
      return { ...say(directive.text), cached: true };
    case "redacted":
      return say("I thought about what nobody may read.");
    case "slow":
      return message([{ type: "text", text: words(directive.words), pauseMs: SLOW_PAUSE_MS }]);
    case "long":
      return { ...say(characters(directive.characters)), unlimited: true };
    case "think":
      return say(`I thought about: ${directive.text}`);
    case "recall":
      return say(conversation.turns[0]?.text ?? "");
    case "turns":
      return say(String(conversation.turns.length));
    case "system":
      return say(systemPrompt(request));
    case "describe":
      return say(described(conversation));
    case "say":
    default:
      return say(`Turn ${conversation.turns.length}. You said: ${directive.text}`);
  }
}

/** What is left to say of an answer that was cut. */
function rest(plan: Plan, said: string): Plan {
  if (plan.kind !== "message") return plan;
  const left = plan.blocks
    .map((block) => (block.type === "text" ? block.text : ""))
    .join("")
    .slice(said.length);
  return say(left === "" ? "Done." : left);
}

const FAILURES: Readonly<Record<Exclude<Failure, "lost">, FailurePlan>> = {
  400: failure(400, "invalid_request_error", "Demo model: scripted invalid request."),
  401: failure(401, "authentication_error", "Demo model: scripted authentication failure."),
  403: failure(403, "permission_error", "Demo model: scripted refusal of the account."),
  413: failure(413, "request_too_large", "Demo model: scripted excess of bytes."),
  429: failure(429, "rate_limit_error", "Demo model: scripted rate limit.", RETRY_AFTER_SECONDS),
  500: failure(500, "api_error", "Demo model: scripted internal error."),
  504: failure(504, "timeout_error", "Demo model: scripted timeout."),
  529: failure(529, "overloaded_error", "Demo model: scripted overload.", RETRY_AFTER_SECONDS),
  "too-long": failure(400, "invalid_request_error", "prompt is too long: 250000 tokens > 200000 maximum"),
};

const failureOf = (name: Failure): FailurePlan => FAILURES[name === "lost" ? "500" : name];

/**
 * The caller's part of the system prompt. The CLI puts two blocks of its own first, a billing line and a sentence that
 * says who it is; they are left out, as whole blocks only. A prompt that merely begins with such words stays complete.
 */
function systemPrompt(request: MessagesRequest): string {
  return blocksOf(request.system)
    .map((block) => block.text ?? "")
    .filter((text) => !CLI_BLOCKS.some((own) => own.test(text)))
    .join("\n\n");
}

const CLI_BLOCKS = [
  /^x-anthropic-billing-header:[^\n]*$/,
  /^You are Claude Code, Anthropic's official CLI for Claude(?:, running within the Claude Agent SDK)?\.$/,
  /^You are a Claude agent, built on Anthropic's Claude Agent SDK\.$/,
];

function described(conversation: Conversation): string {
  const media = conversation.turns.at(-1)?.media ?? [];
  const seen = media.length > 0 ? media : conversation.recentResultMedia;
  return seen.length > 0 ? seen.map(describeMedia).join("\n") : "No image or document received.";
}

const words = (count: number): string => Array.from({ length: count }, (_, index) => `word${index + 1}`).join(" ");

/** Broken into words so that it wraps, and without white space at its end so that nobody trims it. */
const characters = (count: number): string => `${"demo text ".repeat(Math.ceil(count / 10)).slice(0, count - 1)}.`;

const sign = (thinking: string): string =>
  Buffer.from(`demo signature of ${thinking.length} characters`).toString("base64");

const isStructured = (call: ToolCall): boolean => call.name === STRUCTURED_TOOL;
