/** What a transcript keeps of tools that look different by now. */
import { expect, test } from "bun:test";
import { withoutStaleTools } from "./stale-tools.ts";

const inputSchema = { type: "object", properties: { q: { type: "string" } } };
const kept = (name: string, description: string, schema: object) => ({
  name,
  description,
  schema: { name, description, input_schema: schema },
});
const snapshot = (...tools: object[]) =>
  JSON.stringify({ type: "attachment", uuid: "u", attachment: { type: "prompt_snapshot", systemPrompt: [""], tools } });
const said = JSON.stringify({ type: "user", message: { role: "user", content: 'a "prompt_snapshot", they say' } });

const bash = kept("Bash", "runs", { type: "object" });
const same = kept("mcp__client__same", "d", inputSchema);
const tools = [
  { name: "same", description: "d", inputSchema },
  { name: "changed", description: "d", inputSchema },
  { name: "reworded", description: "new", inputSchema },
];

test("goes, and all else stays to the letter", () => {
  const text = [
    said,
    snapshot(
      bash,
      same,
      kept("mcp__client__changed", "d", { type: "object" }),
      kept("mcp__client__reworded", "old", inputSchema),
      kept("mcp__client__gone", "d", inputSchema),
    ),
    "not json prompt_snapshot",
    "",
  ].join("\n");
  expect(withoutStaleTools(text, tools)).toBe([said, snapshot(bash, same), "not json prompt_snapshot", ""].join("\n"));
});

test("nothing is touched where nothing is stale", () => {
  const text = `${said}\n${snapshot(bash, same)}\n`;
  expect(withoutStaleTools(text, tools)).toBe(text);
});
