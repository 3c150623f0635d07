/** Parts of a message's content as blocks of a session. */
import { type MediaBlock, referredBlock } from "../../turns/media/blocks.ts";
import type { InputPart } from "./content.ts";

/**
 * @param param where the part stands in the request
 * @throws ApiError that names the field
 */
export function contentBlock(part: InputPart, param: string): MediaBlock {
  switch (part.type) {
    case "input_text":
    case "output_text":
      return { type: "text", text: part.text };
    case "input_image":
      return referredBlock(part.image_url, { slot: "image", field: `${param}.image_url` });
    case "input_file": {
      const name = part.file_data == null ? "file_url" : "file_data";
      return referredBlock(part[name] ?? "", { slot: "document", field: `${param}.${name}`, title: part.filename });
    }
  }
}
