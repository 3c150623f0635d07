import type { ModelInfo } from "@anthropic-ai/sdk/resources/models";
/**
 * The list of models, in the shape of whoever asks: Anthropic's clients send `anthropic-version`. Each is there by itself and
 * with each mode as a suffix, since many clients offer only what is listed.
 */
import { sessionMode } from "@lodge/shared";
import { Elysia } from "elysia";
import { ApiError } from "../../http/errors.ts";
import type { ModelDescription } from "../../sessions/index.ts";
import { apiVersion } from "../anthropic/version.ts";
import { offeredModels, parseModelName } from "../turns/model-name.ts";
import { pageOf } from "./page.ts";

export interface ModelSource {
  /** What the CLI says of its models; empty when it cannot be asked. */
  models(): Promise<readonly ModelDescription[]>;
}

interface Listed {
  id: string;
  displayName: string;
}

export const models = (source: ModelSource) => {
  const list = async (): Promise<Listed[]> => {
    const known = await source.models();
    return offeredModels(known).flatMap((model) => {
      const name = displayName(model, known);
      return [
        { id: model, displayName: name },
        ...sessionMode.options.map((mode) => ({ id: `${model}:${mode}`, displayName: `${name} (${mode} mode)` })),
      ];
    });
  };
  const listed = async ({ request }: { request: Request }) => {
    const all = await list();
    if (!isAnthropic(request)) return { object: "list", data: all.map(openaiModel) };
    return pageOf(all.map(anthropicModel), new URL(request.url).searchParams);
  };
  const one = async ({ request, params }: { request: Request; params: { "*": string } }) => {
    const { model, mode } = parseModelName(decoded(params["*"]));
    const id = mode === undefined ? model : `${model}:${mode}`;
    const found = (await list()).find((candidate) => candidate.id === id);
    if (!found)
      throw new ApiError("not_found", `There is no model named ${params["*"]}.`, {
        param: "model",
        code: "model_not_found",
      });
    return isAnthropic(request) ? anthropicModel(found) : openaiModel(found);
  };
  return new Elysia({ name: "models", detail: { tags: ["Models"] } })
    .get("/v1/models", listed, {
      detail: {
        summary: "List models, in the shape of whoever asks",
        description:
          "With `anthropic-version` it comes in the Messages API's shape, and in pages where `limit`, `after_id` or `before_id` ask for them.",
      },
    })
    .get("/v1/models/*", one, { detail: { summary: "One model" } })
    .get("/openai/v1/models", listed, { detail: { summary: "List models" } })
    .get("/openai/v1/models/*", one, { detail: { summary: "One model" } });
};

/** As it stands where it is no encoding of anything: then it is no model's name either. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function isAnthropic({ headers, url }: Request): boolean {
  if (!headers.has("anthropic-version") || new URL(url).pathname.startsWith("/openai/")) return false;
  apiVersion(headers);
  return true;
}

const openaiModel = ({ id }: Listed) => ({ id, object: "model", created: 0, owned_by: "anthropic" });

const anthropicModel = ({ id, displayName: name }: Listed): ModelInfo => ({
  type: "model",
  id,
  display_name: name,
  // The CLI does not say; the API's documentation allows the epoch for a date that is not known, and null for the rest.
  created_at: "1970-01-01T00:00:00Z",
  lifecycle: "active",
  capabilities: null,
  line: null,
  max_input_tokens: null,
  max_tokens: null,
  deprecated_at: null,
  retires_at: null,
});

function displayName(id: string, known: readonly ModelDescription[]): string {
  const match =
    known.find((model) => model.name === id) ??
    known.find((model) => model.resolved === id && model.name !== "default");
  return match?.displayName ?? id;
}
