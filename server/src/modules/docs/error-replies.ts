/** Errors as the description has them: each family's shape, and which of the server's own an operation may give. */
import { type Family, familyOf } from "../../http/families.ts";

const text = { type: "string" };
const object = (properties: Record<string, object>, required = Object.keys(properties)) => ({
  type: "object",
  properties,
  required,
});

const reply = (description: string, schema: object, mediaType = "application/json") => ({
  description,
  content: { [mediaType]: { schema } },
});

const nameOf: Record<Family, string> = {
  openai: "OpenAIError",
  anthropic: "AnthropicError",
  workspace: "Error",
  dashboard: "Problem",
  // Described by its own protocol, and not in this document.
  mcp: "Error",
};

export const errorComponents = {
  OpenAIError: reply(
    "The request failed. A model that is not offered comes with `supported`, the names of those that are.",
    object(
      {
        error: object({
          message: text,
          type: text,
          param: { type: ["string", "null"] },
          code: { type: ["string", "null"] },
        }),
        supported: { type: "array", items: text },
      },
      ["error"],
    ),
  ),
  AnthropicError: reply(
    "The request failed. A model that is not offered comes with `supported`, the names of those that are.",
    object(
      {
        type: { const: "error" },
        error: object({ type: text, message: text }),
        request_id: text,
        supported: { type: "array", items: text },
      },
      ["type", "error", "request_id"],
    ),
  ),
  Error: reply("The request failed.", object({ detail: text })),
  Problem: reply(
    "The request failed, as RFC 9457 says it.",
    object({ type: text, title: text, status: { type: "integer" }, detail: text, field: text }, [
      "type",
      "title",
      "status",
      "detail",
    ]),
    "application/problem+json",
  ),
};

/** Status to the reply; `4XX` stands for whatever is wrong with a request. */
export function errorReplies(method: string, path: string): Record<string, { $ref: string }> {
  const $ref = `#/components/responses/${nameOf[familyOf(path, new Headers())]}`;
  return Object.fromEntries(["4XX", ...ownFailures(method, path)].map((status) => [status, { $ref }]));
}

/**
 * What is no fault of the request: 502 when the CLI, git or the model behind it fails, 503 when nothing more may wait or
 * the server stops, 504 when a time limit was met, 529 when the model is overloaded.
 */
function ownFailures(method: string, path: string): string[] {
  if (method !== "post") return [];
  if (/\/(messages|completions|responses)$/.test(path) || path === "/run") return ["502", "503", "504", "529"];
  return path === "/execute" ? ["503"] : [];
}
