import type { ContentBlock, Source } from "./request.ts";

/** An image or document that reached the model. `bytes` is missing when only a reference came (a URL, a file id). */
export interface Media {
  readonly kind: "image" | "document";
  readonly type: string;
  readonly bytes?: number;
}

export function mediaOf(block: ContentBlock): Media | undefined {
  if (block.type !== "image" && block.type !== "document") return undefined;
  return { kind: block.type, ...measure(block.source ?? { type: "nothing" }) };
}

export function describeMedia(media: Media): string {
  return `${media.kind} ${media.type}${media.bytes === undefined ? "" : ` ${media.bytes} bytes`}`;
}

function measure(source: Source): { type: string; bytes?: number } {
  switch (source.type) {
    case "base64":
      return {
        type: source.media_type ?? "application/octet-stream",
        bytes: Buffer.from(source.data ?? "", "base64").length,
      };
    case "text":
      return { type: source.media_type ?? "text/plain", bytes: Buffer.byteLength(source.data ?? "") };
    case "url":
      return { type: `url ${source.url ?? ""}` };
    case "file":
      return { type: `file ${source.file_id ?? ""}` };
    default:
      return { type: source.type };
  }
}
