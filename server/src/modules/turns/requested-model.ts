/** The model that a request names, or a refusal that names those it may. */
import { ApiError } from "../../http/errors.ts";
import type { ModelDescription } from "../../sessions/index.ts";
import { isOffered, offeredModels, parseModelName, type RequestedModel } from "./model-name.ts";

/** @throws ApiError with `supported` for one that is not offered */
export function requestedModel(name: string | undefined, known: readonly ModelDescription[]): RequestedModel {
  const requested = parseModelName(name);
  if (requested.model === undefined || isOffered(requested.model, known)) return requested;
  const supported = offeredModels(known);
  throw new ApiError(
    "invalid_request",
    `model: ${requested.model} is not offered. Offered are ${supported.join(", ")}.`,
    {
      param: "model",
      code: "model_not_found",
      extra: { supported },
    },
  );
}
