import type { ModelInfo } from "@anthropic-ai/sdk/resources/models";

/** The names that the CLI makes of `fable`, `opus`, `sonnet` and `haiku`, newest family first. */
const NAMES = [
  ["claude-fable-5-2", "Claude Fable 5.2"],
  ["claude-opus-5-5", "Claude Opus 5.5"],
  ["claude-sonnet-5-5", "Claude Sonnet 5.5"],
  ["claude-haiku-5-5", "Claude Haiku 5.5"],
  ["claude-haiku-4-5", "Claude Haiku 4.5"],
] as const;

export const models: readonly ModelInfo[] = NAMES.map(([id, display_name]) => ({
  type: "model",
  id,
  display_name: `${display_name} (demo)`,
  created_at: "2026-01-01T00:00:00Z",
  capabilities: null,
  deprecated_at: null,
  lifecycle: "active",
  line: null,
  max_input_tokens: null,
  max_tokens: null,
  retires_at: null,
}));

export function modelPage(): object {
  return { data: models, has_more: false, first_id: models[0]?.id ?? null, last_id: models.at(-1)?.id ?? null };
}
