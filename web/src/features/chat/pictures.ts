/** Files that a person adds to a message, as the API takes them. */
import type { Picture } from "./conversation.ts";

export const pictureTypes = ["image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"];

/** Bytes of one file; the API's own limit for a request is a few of these. */
const maxBytes = 5 * 1024 * 1024;

/** @throws Error that tells a person what is wrong with the file */
export async function readPicture(file: File): Promise<Picture> {
  if (!pictureTypes.includes(file.type)) throw new Error(`${file.name} is neither a picture nor a PDF.`);
  if (file.size > maxBytes) throw new Error(`${file.name} is larger than ${maxBytes / 1024 / 1024} MB.`);
  const address = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(typeof reader.result === "string" ? reader.result : ""));
    reader.addEventListener("error", () => reject(new Error(`${file.name} could not be read.`)));
    reader.readAsDataURL(file);
  });
  return { name: file.name, mediaType: file.type, data: address.slice(address.indexOf(",") + 1) };
}
