/** What clients call a model, and which of ours they mean: `sonnet`, `openai/haiku`, `opus:agent`, a full name. */
import type { SessionMode } from "@lodge/shared";
import type { ModelDescription } from "../../sessions/index.ts";

/** Known to every version of the CLI, and always listed. */
const aliases = ["haiku", "sonnet", "opus"];

export interface RequestedModel {
  /** Undefined for the server's default. */
  model: string | undefined;
  /** What a suffix asked for. */
  mode: SessionMode | undefined;
}

/** Takes off a provider's prefix and a mode's suffix. */
export function parseModelName(name: string | undefined): RequestedModel {
  if (name === undefined) return { model: undefined, mode: undefined };
  const [, base = "", suffix] = /^(.*?)(?::(agent|model))?$/s.exec(name) ?? [];
  const model = base.slice(base.lastIndexOf("/") + 1);
  return { model: model === "" || model === "default" ? undefined : model, mode: suffix as SessionMode | undefined };
}

/** Names that may be asked for, as a listing shows them. */
export function offeredModels(known: readonly ModelDescription[]): string[] {
  const names = known.flatMap((model) => [model.name, model.resolved]).filter((name) => name !== "default");
  return [...new Set([...aliases, ...names])];
}

/** Whether the CLI can be asked for it. A full Claude name that the CLI has not listed is the API's to judge. */
export function isOffered(model: string, known: readonly ModelDescription[]): boolean {
  return model.startsWith("claude-") || offeredModels(known).includes(model);
}
