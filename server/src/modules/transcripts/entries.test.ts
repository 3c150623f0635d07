import { describe, expect, test } from "bun:test";
import { type TranscriptEntry, transcriptEntry } from "@lodge/shared";
import { cutEntry } from "./cut.ts";
import { entriesOf } from "./entries.ts";

const at = { uuid: "u1", timestamp: "2026-11-21T06:52:45.144Z" };
const user = (content: unknown, rest: object = {}) =>
  entriesOf({ type: "user", ...at, message: { role: "user", content }, ...rest });
const assistant = (content: unknown[], rest: object = {}) =>
  entriesOf({ type: "assistant", ...at, message: { id: "m1", model: "sonnet", content, usage: null }, ...rest });

describe("a record becomes", () => {
  test("an entry for each block, with the record's time and ids of their own", () => {
    const entries = assistant([
      { type: "thinking", thinking: "Hm." },
      { type: "text", text: "Yes." },
      { type: "tool_use", id: "t1", name: "Bash", input: { command: "ls" } },
      { type: "something_new" },
    ]);
    expect(entries.map(({ kind, id, at: time }) => [kind, id, time])).toEqual([
      ["thinking", "u1", 1795243965144],
      ["text", "u1.1", 1795243965144],
      ["tool_call", "u1.2", 1795243965144],
    ]);
    for (const entry of entries) expect(transcriptEntry.parse(entry)).toEqual(entry);
  });

  test("a person's words, and what they attached", () => {
    const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "A".repeat(400) } };
    expect(user("Hello")).toMatchObject([{ kind: "user", text: "Hello", attachments: [] }]);
    expect(user([{ type: "text", text: "Look" }, image])).toMatchObject([
      { kind: "user", text: "Look", attachments: [{ mediaType: "image/png", bytes: 300 }] },
    ]);
  });

  test("a tool's result, with what it changed and whom it started", () => {
    const hunk = { oldStart: 1, oldLines: 1, newStart: 1, newLines: 1, lines: ["-a", "+b"] };
    const result = { type: "tool_result", tool_use_id: "t1", content: [{ type: "text", text: "Done." }] };
    expect(user([result], { toolUseResult: { structuredPatch: [hunk], agentId: "a1" } })).toMatchObject([
      { kind: "tool_result", callId: "t1", text: "Done.", isError: false, patch: [hunk], agent: "a1" },
    ]);
    expect(user([{ ...result, content: "No.", is_error: true }], { toolUseResult: "Error: No." })).toMatchObject([
      { kind: "tool_result", text: "No.", isError: true },
    ]);
    // It becomes part of a path.
    expect(user([result], { toolUseResult: { agentId: "../../etc" } })[0]).not.toHaveProperty("agent");
  });

  test.each([
    ["[Request interrupted by user for tool use]", { title: "Interrupted" }],
    ["<command-name>/compact</command-name>\n<command-args>all</command-args>", { title: "/compact all" }],
    ["<local-command-stdout>\u001b[1mSet.\u001b[0m</local-command-stdout>", { text: "Set." }],
    ["<local-command-stderr>No.</local-command-stderr>", { level: "error", text: "No." }],
    [
      "<task-notification>\n<summary>It ended</summary>\n<result>42</result></task-notification>",
      { title: "It ended", text: "42" },
    ],
  ])("a notice: %p", (text, notice) => expect(user(text)).toMatchObject([{ kind: "notice", ...notice }]));

  test("a person's own words where only the beginning looks like the CLI's", () =>
    expect(user("<div> is a tag")).toMatchObject([{ kind: "user", text: "<div> is a tag" }]));

  test("a notice: a failure of the API, a compaction, its summary", () => {
    expect(assistant([{ type: "text", text: "529" }], { isApiErrorMessage: true })).toMatchObject([
      { kind: "notice", level: "error", text: "529" },
    ]);
    expect(entriesOf({ type: "system", subtype: "compact_boundary", ...at })).toMatchObject([{ kind: "notice" }]);
    expect(user("All of it.", { isCompactSummary: true })).toMatchObject([{ kind: "notice", text: "All of it." }]);
  });

  test("what was typed while a turn ran", () =>
    expect(
      entriesOf({ type: "attachment", ...at, attachment: { type: "queued_command", prompt: "And this" } }),
    ).toMatchObject([{ kind: "user", text: "And this" }]));

  test.each([
    { type: "user", ...at, isMeta: true, message: { content: "Caveat" } },
    { type: "user", ...at },
    { type: "user", ...at, timestamp: "yesterday", message: { content: "hi" } },
    { type: "assistant", uuid: "u1", message: {} },
    { type: "attachment", ...at, attachment: { type: "date" } },
    { type: "system", subtype: "turn_duration", ...at },
    { type: "file-history-snapshot" },
  ])("nothing: %j", (record) => expect(entriesOf(record)).toEqual([]));
});

describe("a cut entry", () => {
  const call: TranscriptEntry = {
    ...assistant([
      { type: "tool_use", id: "t1", name: "Write", input: { content: "x".repeat(50), todos: ["y".repeat(50)] } },
    ])[0]!,
  };

  test("keeps the beginning of each text, and says where the whole is", () =>
    expect(cutEntry(call, 10, "1-0")).toMatchObject({
      input: { content: "x".repeat(10), todos: ["y".repeat(10)] },
      whole: "1-0",
    }));

  test("is the same entry when it is short", () => expect(cutEntry(call, 50, "1-0")).toEqual(call));

  test("has no bottomless arguments and no endless patch", () => {
    let deep: object = {};
    for (let depth = 0; depth < 100; depth++) deep = { deep };
    const cut = cutEntry({ ...call, input: { deep } } as TranscriptEntry, 10, "1-0");
    expect(JSON.stringify(cut).length).toBeLessThan(500);
    expect(cut.whole).toBe("1-0");
    const hunk = { oldStart: 1, oldLines: 0, newStart: 1, newLines: 1000, lines: Array<string>(300).fill("+a") };
    const [result] = user([{ type: "tool_result", tool_use_id: "t1" }], {
      toolUseResult: { structuredPatch: [hunk, hunk] },
    });
    expect(cutEntry(result!, 10, "1-0")).toMatchObject({ patch: [hunk, { lines: { length: 100 } }], whole: "1-0" });
  });
});
