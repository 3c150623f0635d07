/** A whole reply at once, for clients that do not stream. */
import { type AssistantBlock, Content, type ReplyEvent, type StopReason, type Usage } from "../../sessions/index.ts";

export interface CollectedReply {
  id: string;
  model: string;
  content: AssistantBlock[];
  stopReason: StopReason;
  stopSequence: string | null;
  usage: Usage;
}

export async function collect(events: AsyncIterable<ReplyEvent>): Promise<CollectedReply> {
  let start: Extract<ReplyEvent, { type: "start" }> | undefined;
  const content = new Content();
  for await (const event of events) {
    switch (event.type) {
      case "start":
        start = event;
        break;
      case "block_start":
        content.open(event.block);
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
          stopReason,
          stopSequence,
          usage,
        };
      }
    }
  }
  throw new Error("a turn ended without a result");
}
