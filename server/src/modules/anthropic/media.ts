/** Images and documents of the Messages API as blocks of a session. */
import type { ImageBlock, TextBlock } from "../../sessions/index.ts";
import { base64Block, type MediaBlock, type Place, urlBlock, wrong } from "../turns/media/blocks.ts";
import type { WireMedia } from "./model.ts";

/**
 * @param field where the block stands in the request
 * @throws ApiError that names the field
 */
export function parseMedia(block: WireMedia, field: string): MediaBlock {
  const parsed = parseSource(block, field);
  return parsed.type === "document" && block.type === "document" && block.context != null
    ? { ...parsed, context: block.context }
    : parsed;
}

function parseSource(block: WireMedia, field: string): MediaBlock {
  const place = (at: string): Place => ({
    slot: block.type,
    field: `${field}.source.${at}`,
    ...(block.type === "document" ? { title: block.title } : {}),
  });
  const { source } = block;
  switch (source.type) {
    case "url":
      return urlBlock(source.url, place("url"));
    case "base64":
      return base64Block(source.data, source.media_type, place("data"));
    case "text":
    case "content": {
      const title = block.type === "document" && block.title != null ? { title: block.title } : {};
      if (source.type === "text") return { type: "document", source, ...title };
      const content = source.content.map((part, index) => within(part, `${field}.source.content.${index}`));
      return { type: "document", source: { type: "content", content }, ...title };
    }
  }
}

/** A document holds text and pictures, and no other document. */
function within(
  part: { type: "text"; text: string } | Extract<WireMedia, { type: "image" }>,
  field: string,
): TextBlock | ImageBlock {
  const block = part.type === "text" ? { type: part.type, text: part.text } : parseMedia(part, field);
  if (block.type !== "document") return block;
  throw wrong(field, "that is no image; within a document there can be text and images");
}
