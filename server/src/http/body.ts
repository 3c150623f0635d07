/** Reading a request's body: bounded, and as JSON whatever its content type says, since clients forget to say it. */
import { ApiError } from "./errors.ts";

/** Bytes of a JSON body; that of the Messages API. */
export const jsonLimit = 32 * 1024 * 1024;

/** @throws ApiError `too_large` without reading further, `invalid_request` when it is not JSON */
export async function readJson(request: Request, limit = jsonLimit): Promise<unknown> {
  const text = await readText(request, limit);
  if (text.trim() === "") throw noBody();
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ApiError("invalid_request", `The body is not valid JSON: ${(cause as Error).message}`, { cause });
  }
}

export const noBody = (): ApiError =>
  new ApiError("invalid_request", "The request has no body; a JSON object is expected.");

async function readText(request: Request, limit: number): Promise<string> {
  const tooLarge = () => new ApiError("too_large", `The body is larger than the limit of ${limit} bytes.`);
  const announced = Number(request.headers.get("content-length") ?? 0);
  if (announced > limit) throw tooLarge();
  if (!request.body) return "";
  // What was announced is all that the server lets through; only a body of unknown length has to be counted.
  if (announced > 0) return request.text();
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.byteLength;
    if (size > limit) throw tooLarge();
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
