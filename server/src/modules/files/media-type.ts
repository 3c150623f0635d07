/** The media type of a file, from its name. */
import { Mime } from "mime/lite";
import otherTypes from "mime/types/other.js";
import standardTypes from "mime/types/standard.js";

const types = new Mime(standardTypes, otherTypes).define(
  // In a workspace of code it is hardly ever a video.
  { "text/x-typescript": ["ts", "tsx", "mts", "cts"] },
  true,
);

export function mediaTypeOf(path: string): string {
  // The package takes a bare word for an extension, and `png` may well be a file's whole name.
  const type = types.getType(`/${path}`) ?? "application/octet-stream";
  return type.startsWith("text/") ? `${type}; charset=utf-8` : type;
}
