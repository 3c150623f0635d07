/** What a client sees of a turn, up to where the model ends it, a limit does, or a document that is not what was asked for. */
import { type EarlyEnd, Reply, type ReplyEvent, type StopReason, Structured, type Turn } from "../../sessions/index.ts";
import { type Format, unmet } from "./format.ts";
import { Limiter } from "./limits.ts";
import type { FamilyRequest } from "./turns.ts";

/** A reply that is cut ends its turn, and with it the process. */
export async function* replyEvents(
  turn: Turn,
  family: FamilyRequest,
  format: Format | undefined,
): AsyncGenerator<ReplyEvent> {
  const reply = new Reply({ thinking: family.thinking });
  const limiter = new Limiter(family);
  const document = format && { ...format, seen: new Structured({ live: family.live ?? false }) };
  for await (const event of turn.events) {
    for (const seen of document?.seen.push(event) ?? [event]) {
      for (const visible of reply.push(seen)) {
        if (visible.type === "stop" && isAnswer[visible.stopReason]) document?.require(document.seen);
        yield* limiter.push(visible);
        if (!limiter.cut) continue;
        yield { type: "stop", ...limiter.cut, usage: await turn.cut() };
        return;
      }
    }
    if (!document?.seen.early) continue;
    const stopReason = endOf(document.seen.early, document);
    const usage = await turn.cut();
    yield* limiter.push({ type: "stop", stopReason, stopSequence: null, usage });
    if (limiter.cut) yield { type: "stop", ...limiter.cut, usage };
    return;
  }
}

/** @throws SessionError `output_format_unmet` */
function endOf(early: EarlyEnd, { strict, require, seen }: Format & { seen: Structured }): StopReason {
  if (early.type === "cut") return early.stopReason;
  if (strict) throw unmet(early.why);
  // What was shown is the answer then: another would come after it.
  require(seen);
  return "end_turn";
}

/** Whether a reply that stops so is the whole answer, and must be what was asked for. */
const isAnswer: Record<StopReason, boolean> = {
  end_turn: true,
  stop_sequence: true,
  pause_turn: true,
  max_tokens: false,
  model_context_window_exceeded: false,
  tool_use: false,
  refusal: false,
};
