/** Keys in camelCase, at every depth but where they are data: a tool's input and a client's answer keep theirs. */

/** What is below these is somebody's data, or a map whose keys are. */
const data = new Set([
  "structured_output",
  "tool_input",
  "input",
  "modelUsage",
  "model_usage_since_last_result",
  "by_type",
]);

export function camelKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelKeys);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [camelCase(key), data.has(key) ? inner : camelKeys(inner)]),
  );
}

/** `total_cost_usd` is `totalCostUsd`, `ephemeral_1h_input_tokens` is `ephemeral1hInputTokens`. */
const camelCase = (key: string): string =>
  key.replaceAll(/(?<=[^_])_+([a-z0-9])/gi, (_, letter: string) => letter.toUpperCase());
