import type { Block, MessagePlan } from "./plan.ts";
import type { MessagesRequest } from "./request.ts";
import { blockTokens, charactersIn } from "./usage.ts";

/** Ends the reply where the request says that it must end: at a stop sequence, or when the tokens run out. */
export function withinLimits(plan: MessagePlan, request: MessagesRequest): MessagePlan {
  if (plan.unlimited === true) return plan;
  return cutAtTokens(cutAtSequence(plan, request.stop_sequences ?? []), request.max_tokens);
}

function cutAtSequence(plan: MessagePlan, sequences: readonly string[]): MessagePlan {
  for (const [index, block] of plan.blocks.entries()) {
    if (block.type !== "text") continue;
    const hit = firstHit(block.text, sequences);
    if (!hit) continue;
    const end = { ...block, text: block.text.slice(0, hit.at) };
    const blocks = [...plan.blocks.slice(0, index), end];
    return { ...plan, blocks, stopReason: "stop_sequence", stopSequence: hit.sequence };
  }
  return plan;
}

function firstHit(text: string, sequences: readonly string[]): { at: number; sequence: string } | undefined {
  return sequences
    .filter((sequence) => sequence !== "")
    .map((sequence) => ({ at: text.indexOf(sequence), sequence }))
    .filter((hit) => hit.at >= 0)
    .sort((a, b) => a.at - b.at)[0];
}

function cutAtTokens(plan: MessagePlan, most: number): MessagePlan {
  let left = most;
  const kept: Block[] = [];
  for (const block of plan.blocks) {
    const cost = blockTokens(block);
    if (cost > left) {
      const end = cutBlock(block, left);
      return { ...plan, blocks: end ? [...kept, end] : kept, stopReason: "max_tokens", stopSequence: null };
    }
    left -= cost;
    kept.push(block);
  }
  return plan;
}

/** Never ends within a character: half a surrogate pair is not text. */
const cut = (text: string, left: number): string => text.slice(0, charactersIn(left)).replace(/[\uD800-\uDBFF]$/, "");

/** Half a tool call is of use to nobody, so one that does not fit is left out. */
function cutBlock(block: Block, left: number): Block | undefined {
  if (left <= 0) return undefined;
  if (block.type === "text") return { ...block, text: cut(block.text, left) };
  if (block.type === "thinking") return { ...block, thinking: cut(block.thinking, left) };
  return undefined;
}
