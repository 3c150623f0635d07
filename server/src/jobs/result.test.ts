/** The CLI's result as a reply: its keys, its figures, and the data in it that stays as it is. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { camelKeys } from "./camel-case.ts";
import { type ResultEvent, toResult } from "./result.ts";

test.each([
  ["total_cost_usd", "totalCostUsd"],
  ["session_id", "sessionId"],
  ["ephemeral_1h_input_tokens", "ephemeral1hInputTokens"],
  ["alreadyCamel", "alreadyCamel"],
  ["costUSD", "costUSD"],
  ["_private", "_private"],
  ["a__b", "aB"],
  ["trailing_", "trailing_"],
])("%s is %s", (key, expected) => {
  expect(camelKeys({ [key]: 1 })).toEqual({ [expected]: 1 });
});

test("keys at every depth; data keeps its own", () => {
  expect(
    camelKeys({
      permission_denials: [{ tool_name: "Bash", tool_input: { file_path: { a_b: 1 } } }],
      structured_output: { first_name: [{ last_name: null }] },
      modelUsage: { "claude_x-1": { costUSD: 1 } },
      subagent_stats: { by_type: { my_agent: 1 }, refused: { depth_limit: 0 } },
    }),
  ).toEqual({
    permissionDenials: [{ toolName: "Bash", toolInput: { file_path: { a_b: 1 } } }],
    structuredOutput: { first_name: [{ last_name: null }] },
    modelUsage: { "claude_x-1": { costUSD: 1 } },
    subagentStats: { byType: { my_agent: 1 }, refused: { depthLimit: 0 } },
  });
});

test("no value is lost or changed, whatever the CLI reports", () => {
  const leaves = (value: unknown): unknown[] =>
    typeof value === "object" && value !== null ? Object.values(value).flatMap(leaves) : [value];
  const key = fc.stringMatching(/^[a-z]{1,5}_[a-z0-9]{1,5}$/);
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      fc.string(),
      fc.integer(),
      fc.array(tie("tree"), { maxLength: 3 }),
      fc.dictionary(key, tie("tree"), { maxKeys: 3 }),
    ),
  }));
  fc.assert(fc.property(tree, (value) => expect(leaves(camelKeys(value))).toEqual(leaves(value))));
});

const result = (raw: Record<string, unknown>, costUsd = 9): ResultEvent =>
  ({ type: "result", raw, costUsd }) as unknown as ResultEvent;

test("the cost and usage by model are the turn's own where the CLI tells them", () => {
  const own = { m: { costUSD: 0.25 }, n: { costUSD: 0.5 } };
  const raw = { total_cost_usd: 5, modelUsage: { m: { costUSD: 5 } }, model_usage_since_last_result: own };
  expect(toResult(result(raw))).toEqual({ totalCostUsd: 9, modelUsage: own });
});

test("an older CLI's are what the session made of them", () => {
  expect(toResult(result({ total_cost_usd: 5, result: "x" }))).toEqual({ totalCostUsd: 9, result: "x" });
});
