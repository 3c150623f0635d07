// Every key of a run's and a job's body, in both spellings: the same request, and another than without it.
import { describe, expect, test } from "bun:test";
import { executeRequest, jobSpec } from "../jobs/model.ts";
import { runRequest, runSpec } from "./model.ts";

const common: [camel: string, snake: string, value: unknown][] = [
  ["workspace", "workspace", "site"],
  ["model", "model", "haiku"],
  ["systemPrompt", "system_prompt", "Be brief."],
  ["appendSystemPrompt", "append_system_prompt", "Be kind."],
  ["jsonSchema", "json_schema", '{"type":"object"}'],
  ["effort", "effort", "max"],
  ["resume", "resume", "a-session"],
  ["callbackUrl", "callback_url", "https://example.com/"],
];

describe.each([
  [
    "a run",
    runRequest,
    [
      ...common,
      ["outputFormat", "output_format", "json-verbose"],
      ["noContinue", "no_continue", true],
      ["fireAndForget", "fire_and_forget", true],
      ["async", "async", true],
    ] as typeof common,
  ],
  [
    "a job",
    executeRequest,
    [
      ...common,
      ["agent", "agent", "Explore"],
      ["maxBudgetUsd", "max_budget_usd", 0.5],
      ["timeoutSeconds", "timeout_seconds", 60],
      ["metadata", "metadata", { ticket_id: 7 }],
      ["requeueOnRestart", "requeue_on_restart", true],
    ] as typeof common,
  ],
])("the body of %s", (_, schema, keys) => {
  const parse = (body: object) => schema.parse({ prompt: "hi", ...body }) as Record<string, unknown>;

  test.each(keys)("%s is %s, too; null is absent", (camel, snake, value) => {
    expect(parse({ [camel]: value })[camel]).toEqual(value);
    expect(parse({ [snake]: value })).toEqual(parse({ [camel]: value }));
    for (const name of [camel, snake]) expect(parse({ [name]: null })).toEqual(parse({}));
    expect(() => parse({ [snake]: [] })).toThrow();
  });

  test("where both are given the camelCase one counts, and nobody minds what is unknown", () => {
    expect(parse({ callbackUrl: "camel", callback_url: "snake", frobnicate: 1 })).toEqual(
      parse({ callbackUrl: "camel" }),
    );
  });
});

describe("of a run", () => {
  const spec = (body: object) => runSpec(runRequest.parse({ prompt: "hi", ...body }), []);

  test("a schema may be an object or its JSON", () => {
    const schema = { type: "object", properties: { first_name: { type: "string" } } };
    for (const given of [schema, JSON.stringify(schema)])
      expect(spec({ jsonSchema: given }).jsonSchema).toEqual(schema);
  });

  test.each(["low", "medium", "high", "xhigh", "max"])("effort may be %s", (effort) => {
    expect(spec({ effort }).effort).toBe(effort as never);
  });

  test("the conversation is the latest, a new one, or one that is named, which goes before", () => {
    expect(spec({}).conversation).toEqual({ type: "latest" });
    expect(spec({ noContinue: true }).conversation).toEqual({ type: "new" });
    expect(spec({ noContinue: true, resume: "x" }).conversation).toEqual({ type: "session", id: "x" });
  });
});

test("a job that says nothing has five dollars and 45 minutes, and starts fresh", () => {
  expect(jobSpec(executeRequest.parse({ prompt: "hi" }), [])).toMatchObject({
    workspace: "",
    maxBudgetUsd: 5,
    timeoutMs: 2_700_000,
    conversation: { type: "new" },
  });
});
