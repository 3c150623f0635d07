/** Fields that runs and jobs have in common, and how each becomes part of a spec. */
import { z } from "zod";
import { ApiError } from "../../http/errors.ts";
import { compileJobSchema } from "../../jobs/schema.ts";
import type { ModelDescription } from "../../sessions/index.ts";
import { requestedModel } from "../turns/requested-model.ts";

const name = z.string().min(1).max(256);

export const requiredFields = { prompt: z.string().min(1) };

export const commonFields = {
  workspace: z.string().max(4096),
  model: name,
  systemPrompt: z.string(),
  appendSystemPrompt: z.string(),
  jsonSchema: z.union([z.string(), z.record(z.string(), z.unknown())]),
  effort: z.enum(["low", "medium", "high", "xhigh", "max"]),
  /** A session's id. */
  resume: name,
  callbackUrl: z.string().min(1).max(8192),
};

interface Common {
  workspace?: string | undefined;
  model?: string | undefined;
  systemPrompt?: string | undefined;
  appendSystemPrompt?: string | undefined;
  jsonSchema?: string | Record<string, unknown> | undefined;
  effort?: "low" | "medium" | "high" | "xhigh" | "max" | undefined;
}

/** @throws ApiError for a model that is not offered or a schema that is none */
export function commonSpec(body: Common, known: readonly ModelDescription[]) {
  const jsonSchema = body.jsonSchema === undefined ? undefined : readSchema(body.jsonSchema);
  if (jsonSchema) compileJobSchema(jsonSchema);
  return {
    workspace: body.workspace ?? "",
    model: requestedModel(body.model, known).model,
    systemPrompt: body.systemPrompt,
    appendSystemPrompt: body.appendSystemPrompt,
    effort: body.effort,
    jsonSchema,
  };
}

function readSchema(schema: string | Record<string, unknown>): Record<string, unknown> {
  const value: unknown = typeof schema === "string" ? parse(schema) : schema;
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new ApiError("invalid_request", "jsonSchema: it must be a JSON Schema, as an object or as the JSON of one.", {
    param: "jsonSchema",
  });
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** Characters of a key; https://www.ietf.org/archive/id/draft-ietf-httpapi-idempotency-key-header-06.html sets no limit. */
const maxKeyLength = 255;

/** @throws ApiError when it is too long */
export function idempotencyKey(headers: Headers): string | undefined {
  const key = headers.get("idempotency-key");
  if (key === null || key === "") return undefined;
  if (key.length <= maxKeyLength) return key;
  throw new ApiError("invalid_request", `Header idempotency-key: it has more than ${maxKeyLength} characters.`, {
    param: "idempotency-key",
  });
}
