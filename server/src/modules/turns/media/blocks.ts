/**
 * From what a request has of an image or a document to a block of a session. What is in the request is looked at right
 * away; what is at a URL is left for later (media.ts), so that whoever only counts fetches nothing.
 */
import { ApiError } from "../../../http/errors.ts";
import type { DocumentBlock, ImageBlock, TextBlock } from "../../../sessions/index.ts";
import { isTextual } from "../../../workspaces/files/sniff.ts";
import { decodedBytes, plainBase64 } from "./base64.ts";
import { type MediaType, sniff, sniffed } from "./sniff.ts";

export type MediaBlock = TextBlock | ImageBlock | DocumentBlock;

/** Where it is in the request, and what is said of it there. */
export interface Place {
  /** `image` where the wire has a place for pictures only; `document` where any file may stand. */
  slot: "image" | "document";
  /** As errors name it: `messages.0.content.1.image_url.url`. */
  field: string;
  title?: string | null | undefined;
}

/** Characters of base64 that the Messages API takes for one image. */
const maxImage = 5 * 1024 * 1024;
/** Bytes that so much base64 stands for. */
export const maxImageBytes = (maxImage / 4) * 3;
/** Bytes of a document: what the Messages API takes for a whole request. */
export const maxDocument = 32 * 1024 * 1024;

/**
 * A `data:` URL, an http(s) URL, or base64 as it is.
 *
 * @throws ApiError that names the field
 */
export function referredBlock(text: string, place: Place): MediaBlock {
  if (/^https?:/i.test(text)) return urlBlock(text, place);
  if (!/^data:/i.test(text)) {
    if (/^[a-z][a-z0-9+.-]*:/i.test(text)) {
      throw wrong(place.field, "only data:, http: and https: URLs can be read");
    }
    return base64Block(text, null, place);
  }
  const comma = text.indexOf(",");
  const header = /^data:([^;,]*)((?:;[^;,]*)*)$/i.exec(text.slice(0, Math.min(comma, 1000)));
  if (comma < 0 || !header)
    throw wrong(place.field, "that is no data: URL; one looks like data:image/png;base64,iVBORw0…");
  if (!/;base64$/i.test(header[2] ?? ""))
    throw wrong(place.field, "a data: URL must hold base64: data:image/png;base64,iVBORw0…");
  return base64Block(text.slice(comma + 1), header[1] || null, place);
}

/** Not fetched, and not looked at but for its form. */
export function urlBlock(url: string, { slot, field, title }: Place): ImageBlock | DocumentBlock {
  return { type: slot, source: { type: "url", url, field }, url, ...titled(slot, title) };
}

/**
 * @param declared media type that the client gives it; the bytes count, but a text has nothing else to be told by
 * @throws ApiError that names the field
 */
export function base64Block(data: string, declared: string | null, place: Place): MediaBlock {
  const base64 = plainBase64(data);
  if (base64 === null) {
    throw wrong(place.field, "that is not valid base64; send the file's bytes in the standard alphabet, all of them");
  }
  const type = sniff(decodedBytes(base64, sniffed));
  if (type !== null) return mediaBlock(type, base64, place);
  const text = place.slot === "document" ? textIn(Buffer.from(base64, "base64"), declared) : null;
  if (text === null) throw unknownType(place);
  return { type: "text", text: place.title == null ? text : `${place.title}:\n\n${text}` };
}

/**
 * What was fetched. A text stays a document: a block is known by its URL, and words have none.
 *
 * @throws ApiError that names the field
 */
export function fetchedBlock(bytes: Uint8Array, declared: string | null, place: Place): ImageBlock | DocumentBlock {
  const type = sniff(bytes);
  if (type !== null) return mediaBlock(type, Buffer.from(bytes).toString("base64"), place);
  const text = place.slot === "document" ? textIn(bytes, declared) : null;
  if (text === null) throw unknownType(place);
  const source = { type: "text" as const, media_type: "text/plain" as const, data: text };
  return { type: "document", source, ...titled("document", place.title) };
}

/** The bytes say what it is, also where the client thinks otherwise: a PDF among pictures is a document. */
function mediaBlock(type: MediaType, data: string, { field, title }: Place): ImageBlock | DocumentBlock {
  const source = { type: "base64" as const, media_type: type, data };
  if (type === "application/pdf") return { type: "document", source, ...titled("document", title) };
  if (data.length > maxImage) {
    const megabytes = (data.length / 1024 / 1024).toFixed(1);
    throw wrong(
      field,
      `the image is too large: ${megabytes} MiB as base64, and 5 MiB is the most. Make it smaller; more than 1568 pixels a side are of no use to the model`,
    );
  }
  return { type: "image", source };
}

const titled = (type: string, title: string | null | undefined): { title?: string } =>
  type === "image" || title == null || title === "" ? {} : { title };

/** Types beside `text/…` that are text all the same. */
const textual =
  /^(?:text\/|application\/(?:json|xml|yaml|x-yaml|toml|javascript|x-ndjson|octet-stream)$|[^;]+\+(?:json|xml)$)/;

function textIn(bytes: Uint8Array, declared: string | null): string | null {
  const type = declared?.split(";")[0]?.trim().toLowerCase() ?? "";
  if ((type !== "" && !textual.test(type)) || !isTextual(bytes, true)) return null;
  const text = Buffer.from(bytes).toString();
  return text.trim() === "" ? null : text;
}

function unknownType({ slot, field }: Place): ApiError {
  const known =
    slot === "image" ? "a PNG, JPEG, GIF or WebP image" : "a PDF, a text in UTF-8, or a PNG, JPEG, GIF or WebP image";
  return wrong(field, `its bytes are not those of ${known}`);
}

/** @param why a clause: a small letter at its beginning and no full stop */
export const wrong = (field: string, why: string, cause?: unknown): ApiError =>
  new ApiError("invalid_request", `${field}: ${why}.`, { param: field, cause });
