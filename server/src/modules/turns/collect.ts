/** A whole reply at once, for clients that do not stream. */
import {
  type AssistantBlock,
  extendBlock,
  openBlock,
  type ReplyEvent,
  type StopReason,
  type Usage,
} from "../../sessions/index.ts";

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
  const content: AssistantBlock[] = [];
  for await (const event of events) {
    switch (event.type) {
      case "start":
        start = event;
        break;
      case "block_start":
        content[event.index] = openBlock(event.block);
        break;
      case "block_delta":
        extendBlock(content[event.index], event.delta);
        break;
      case "block_stop":
        break;
      case "stop": {
        const { stopReason, stopSequence, usage } = event;
        return { id: start?.id ?? "", model: start?.model ?? "", content, stopReason, stopSequence, usage };
      }
    }
  }
  throw new Error("a turn ended without a result");
}
