/** A whole reply at once, for clients that do not stream. */
import {
  type AssistantBlock,
  Content,
  type ReplyEvent,
  type StopReason,
  textOf,
  type Usage,
} from "../../sessions/index.ts";

export interface CollectedReply {
  id: string;
  model: string;
  content: AssistantBlock[];
  /** The text of it that stands in the place of a document; null when none does. */
  refusal: string | null;
  stopReason: StopReason;
  stopSequence: string | null;
  usage: Usage;
}

export async function collect(events: AsyncIterable<ReplyEvent>): Promise<CollectedReply> {
  let start: Extract<ReplyEvent, { type: "start" }> | undefined;
  const content = new Content();
  let refuses = false;
  for await (const event of events) {
    switch (event.type) {
      case "start":
        start = event;
        break;
      case "block_start":
        content.open(event.block);
        refuses ||= event.refusal ?? false;
        break;
      case "block_delta":
        content.extend(event.delta);
        break;
      case "block_stop":
        content.close();
        break;
      case "stop": {
        const { stopReason, stopSequence, usage } = event;
        return {
          id: start?.id ?? "",
          model: start?.model ?? "",
          content: content.blocks,
          refusal: refuses ? textOf(content.blocks) : null,
          stopReason,
          stopSequence,
          usage,
        };
      }
    }
  }
  throw new Error("a turn ended without a result");
}
