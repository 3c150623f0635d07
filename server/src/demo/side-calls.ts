import type { Conversation } from "./conversation.ts";
import { say, type MessagePlan } from "./plan.ts";
import { blocksOf, type MessagesRequest } from "./request.ts";

/**
 * Calls that the CLI makes for itself. They quote the user, or stand at the end of the user's conversation, so they are
 * answered before the user's text is read as a directive: a title for `stall` must not stall.
 */
export function answerSideCall(request: MessagesRequest, conversation: Conversation): MessagePlan | undefined {
  const last = conversation.turns.at(-1)?.text ?? "";
  if (asksForTitle(request)) return say(JSON.stringify({ title: titleOf(last) }));
  if (conversation.waiting.kind !== "machine") return undefined;
  switch (conversation.waiting.says) {
    case "summary":
      return say(summaryOf(conversation));
    case "suggestion":
      return say("turns");
    case "recap":
      return say(`You talked to the demo model; ${conversation.turns.length} turns so far.`);
    case "notice":
      return say("Noted.");
    case "mark":
    case "again":
    case "resume":
    default:
      return undefined;
  }
}

function asksForTitle(request: MessagesRequest): boolean {
  if (request.messages.length !== 1 || (request.tools?.length ?? 0) > 0) return false;
  return blocksOf(request.system).some((block) => block.text?.startsWith("You are naming a coding session"));
}

function titleOf(text: string): string {
  const session = /<session>\s*([\s\S]*?)\s*<\/session>/.exec(text)?.[1] ?? text;
  return `Demo: ${session.split(/\s+/).slice(0, 5).join(" ").slice(0, 60)}`;
}

function summaryOf(conversation: Conversation): string {
  const said = conversation.turns.map((turn) => `- ${turn.text}`).join("\n");
  return `<analysis>A demo conversation.</analysis>\n\n<summary>\nThe user said:\n${said}\n</summary>`;
}
