/**
 * The version of the API that a client speaks, in `anthropic-version`. Its clients' own packages always send one; whoever
 * sends none is taken for a client of the older version.
 *
 * https://platform.claude.com/docs/en/api/versioning
 */
import { ApiError } from "../../http/errors.ts";
import type { CountRequest } from "./model.ts";

const released = ["2023-01-01", "2023-06-01", "2026-10-21"] as const;
export type ApiVersion = (typeof released)[number];

/** @throws ApiError that names the header */
export function apiVersion(headers: Headers): ApiVersion {
  const sent = headers.get("anthropic-version") ?? "2023-06-01";
  const version = released.find((known) => known === sent);
  if (version !== undefined) return version;
  throw new ApiError(
    "invalid_request",
    `anthropic-version: ${JSON.stringify(sent.slice(0, 100))} is not a valid version. There are ${released.join(", ")}.`,
    { param: "anthropic-version" },
  );
}

const sampling = ["temperature", "top_p", "top_k"] as const;

/**
 * What a version has no place for any more, whatever its value.
 *
 * @throws ApiError that names the field
 */
export function requireFields(version: ApiVersion, body: CountRequest): void {
  if (version !== "2026-10-21") return;
  for (const name of sampling) if (name in body) throw notPermitted(name);
  for (const [at, { role, content }] of body.messages.entries()) {
    if (role !== "user") continue;
    for (const [index, block] of content.entries()) {
      const { citations } = block as { citations?: unknown };
      if (block.type === "text" && Array.isArray(citations) && citations.length > 0) {
        throw notPermitted(`messages.${at}.content.${index}.citations`);
      }
    }
  }
}

const notPermitted = (param: string) =>
  new ApiError("invalid_request", `${param}: Extra inputs are not permitted`, { param });
