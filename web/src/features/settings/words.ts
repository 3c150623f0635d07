/** What is set for a key, in words. */
import type { KeyScope, KeySummary, SettingSource } from "@lodge/shared";
import { cost, count, exact } from "../../lib/format.ts";

export const scopeWords: Record<KeyScope, string> = {
  api: "The models' APIs: /v1 and /openai",
  files: "The workspaces' files: /files, and MCP's tools for them",
  jobs: "Runs and jobs: /run, /execute, /jobs, and MCP's tools for them",
  terminals: "Sessions and their terminals, of whoever works in its workspaces",
  admin: "This dashboard and everything in it, API keys included",
};

/** `60 requests a minute, $5.00 a day`; `none` without limits. */
export function limitWords({
  requestsPerMinute,
  usdPerDay,
}: Pick<KeySummary, "requestsPerMinute" | "usdPerDay">): string {
  const parts = [
    ...(requestsPerMinute === null ? [] : [`${exact(requestsPerMinute)} requests a minute`]),
    ...(usdPerDay === null ? [] : [`${cost(usdPerDay)} a day`]),
  ];
  return parts.length === 0 ? "none" : parts.join(", ");
}

/** `notes, website and 3 more`; `all` for a key that is not limited. */
export function workspaceWords(workspaces: readonly string[] | null, shown = 3): string {
  if (workspaces === null) return "all";
  const [first, rest] = [workspaces.slice(0, shown), workspaces.length - shown];
  return rest > 0 ? `${first.join(", ")} and ${exact(rest)} more` : first.join(", ");
}

export function sourceWords(source: SettingSource): string {
  switch (source.type) {
    case "default":
      return "default";
    case "variable":
      return "environment";
    case "alias":
      return `environment, as ${source.name}`;
  }
}

/** What the heading says beside itself. */
export function keysSummary(keys: readonly KeySummary[]): string {
  const active = keys.filter(({ state }) => state === "active").length;
  return count(active, "active key");
}
