/** Parts of a message's content as blocks of a session. */
import { ApiError } from "../../../http/errors.ts";
import type { UserBlock } from "../../../sessions/index.ts";
import type { InputPart } from "./content.ts";

export type ContentBlock = Exclude<UserBlock, { type: "tool_result" }>;

/**
 * @param param where the part stands in the request
 * @throws ApiError for an address, and for a file that is neither PDF nor text
 */
export function contentBlock(part: InputPart, param: string): ContentBlock {
  switch (part.type) {
    case "input_text":
    case "output_text":
      return { type: "text", text: part.text };
    case "input_image":
      return { type: "image", source: { type: "base64", ...bytesOf(part.image_url, `${param}.image_url`) } };
    case "input_file":
      return part.file_data == null
        ? fileBlock(part.file_url ?? "", part.filename, `${param}.file_url`)
        : fileBlock(part.file_data, part.filename, `${param}.file_data`);
  }
}

/** A PDF as it is; a text as the model would be told of it. */
function fileBlock(url: string, name: string | null | undefined, param: string): ContentBlock {
  const bytes = bytesOf(url, param);
  if (bytes.media_type === "application/pdf") {
    return { type: "document", source: { type: "base64", ...bytes }, ...(name == null ? {} : { title: name }) };
  }
  if (/^text\/|^application\/(json|xml|yaml)$/.test(bytes.media_type)) {
    const text = Buffer.from(bytes.data, "base64").toString();
    return { type: "text", text: name == null ? text : `${name}:\n\n${text}` };
  }
  throw wrong(param, `a file of the type ${bytes.media_type} cannot be read; a PDF or a text can`);
}

function bytesOf(url: string, param: string): { media_type: string; data: string } {
  const [, mediaType, data] = /^data:([^;,]+)[^,]*;base64,(.*)$/s.exec(url) ?? [];
  if (mediaType !== undefined && data !== undefined) return { media_type: mediaType.toLowerCase(), data };
  throw wrong(param, "only data: URLs with a media type are supported so far; send the bytes themselves");
}

const wrong = (param: string, why: string): ApiError => new ApiError("invalid_request", `${param}: ${why}.`, { param });
