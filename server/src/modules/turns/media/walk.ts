/** Every image and document of a conversation, also those within results of tools and within documents. */
import type { DocumentBlock, ImageBlock, Message, UserBlock } from "../../../sessions/index.ts";

type Media = ImageBlock | DocumentBlock;

/** In the order of the conversation. */
export function* unfetchedIn(messages: readonly Message[]): Generator<{ url: string; block: Media }> {
  for (const message of messages) if (message.role === "user") yield* unfetched(message.content);
}

function* unfetched(blocks: readonly UserBlock[]): Generator<{ url: string; block: Media }> {
  for (const block of blocks) {
    if (block.type === "tool_result") yield* unfetched(block.content);
    if (block.type !== "image" && block.type !== "document") continue;
    if (block.source.type === "url") yield { url: block.source.url, block };
    if (block.source.type === "content") yield* unfetched(block.source.content);
  }
}

/** The same conversation with something else in the place of each; what is within a document must stay an image. */
export function replaceMedia(messages: readonly Message[], replace: (block: Media) => Media): Message[] {
  const inBlock = <B extends UserBlock>(block: B): B => {
    switch (block.type) {
      case "text":
        return block;
      case "tool_result":
        return { ...block, content: block.content.map(inBlock) };
      case "image":
        return replace(block) as B;
      case "document":
        if (block.source.type !== "content") return replace(block) as B;
        return { ...block, source: { ...block.source, content: block.source.content.map(inBlock) } };
    }
  };
  return messages.map((message) =>
    message.role === "user" ? { ...message, content: message.content.map(inBlock) } : message,
  );
}
