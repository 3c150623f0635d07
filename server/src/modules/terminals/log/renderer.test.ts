// The log of a session without a terminal, as a person sees it on the screen.
import { describe, expect, test } from "bun:test";
import type { SessionEvent } from "../../../sessions/index.ts";
import { SessionError } from "../../../sessions/index.ts";
import { Emulator } from "../../../terminals/index.ts";
import { LogRenderer } from "./renderer.ts";

type Call = (renderer: LogRenderer) => string;
const asked =
  (text: string): Call =>
  (renderer) =>
    renderer.asked([{ type: "text", text }]);
const said =
  (event: object): Call =>
  (renderer) =>
    renderer.said(event as SessionEvent);
/** A block of text or thinking, in pieces as it streams. */
const block = (type: "text" | "thinking", ...pieces: string[]): Call[] => [
  said({ type: "block_start", block: { type } }),
  ...pieces.map((piece) => said({ type: "block_delta", delta: { type, [type]: piece } })),
  said({ type: "block_stop" }),
];
const called = (name: string, input: unknown): Call =>
  said({ type: "assistant", content: [{ type: "tool_use", id: "1", name, input }] });
const result = (text: string, is_error = false): Call =>
  said({ type: "tool_result", result: { content: [{ type: "text", text }], is_error } });

/** The screen's lines that say something, each with how its first letter looks. */
async function show(...calls: Call[]): Promise<{ text: string; look: string }[]> {
  using emulator = new Emulator({ cols: 240, rows: 60 });
  const renderer = new LogRenderer();
  for (const call of calls) emulator.write(new TextEncoder().encode(call(renderer)));
  await emulator.snapshot();
  const { active } = emulator.terminal.buffer;
  return Array.from({ length: active.length }, (_, row) => {
    const line = active.getLine(row);
    const text = line?.translateToString(true) ?? "";
    const cell = line?.getCell(text.search(/\S/));
    const look = [
      ...(cell?.isDim() ? ["dim"] : []),
      ...(cell?.isBold() ? ["bold"] : []),
      ...(cell?.isFgPalette() ? [colours[cell.getFgColor()] ?? "?"] : []),
    ];
    return { text, look: look.join(" ") };
  }).filter(({ text }) => text.trim() !== "");
}
const colours: Record<number, string> = { 1: "red", 2: "green", 3: "yellow", 6: "cyan" };
const words = async (...calls: Call[]) => (await show(...calls)).map(({ text }) => text);

test("a turn reads from top to bottom: prompt, thinking dimmed, tools with their results, text, what it took", async () => {
  const usage = { inputTokens: 10, cacheReadTokens: 5, cacheCreationTokens: 1, outputTokens: 7 };
  const lines = await show(
    asked("Look around\nand tell"),
    said({ type: "started", model: "sonnet" }),
    ...block("thinking", "First", " of all\nlook"),
    called("Bash", { command: "ls -la", description: "lists" }),
    result("a.txt\nb.txt"),
    ...block("text", "Two ", "files."),
    said({ type: "result", usage, costUsd: 0.01234, durationMs: 3456 }),
  );
  expect(lines).toEqual([
    { text: "❯ Look around", look: "bold cyan" },
    { text: "  and tell", look: "bold" },
    { text: "sonnet", look: "dim" },
    { text: "✻ First of all", look: "dim" },
    { text: "  look", look: "dim" },
    { text: '● Bash("ls -la")', look: "green" },
    { text: "  ⎿ a.txt", look: "dim" },
    { text: "    b.txt", look: "dim" },
    { text: "● Two files.", look: "bold" },
    { text: "16 tokens in, 7 out · $0.0123 · 3.5 s", look: "dim" },
  ]);
});

describe("what is long", () => {
  test("of a result is its first lines, and how many more there are", async () => {
    const lines = await words(result(Array.from({ length: 50 }, (_, index) => `line ${index}`).join("\n")));
    expect(lines).toHaveLength(7);
    expect(lines.slice(-2)).toEqual(["    line 5", "    … 44 more lines"]);
  });

  test("of a line is its beginning, and so of a tool's input", async () => {
    const [line] = await words(result("y".repeat(100_000)));
    expect(line).toBe(`  ⎿ ${"y".repeat(200)}…`);
    const [call] = await words(called("Write", { content: "z".repeat(100_000) }));
    expect(call).toHaveLength("● Write()".length + 121);
  });
});

test("failures are red, tries are yellow, and a text that is cut short by one ends", async () => {
  const lines = await show(
    said({ type: "block_start", block: { type: "text" } }),
    said({ type: "block_delta", delta: { type: "text", text: "Half a" } }),
    said({ type: "retry", status: 529, attempt: 2, delayMs: 1500 }),
    result("no such file", true),
    (renderer) => renderer.failed(new SessionError("process_died", "The process is gone.")),
  );
  expect(lines.map(({ look }) => look)).toEqual(["bold", "yellow", "red", "red"]);
  expect(lines[0]?.text).toBe("● Half a");
  expect(lines[3]?.text).toBe("✗ The process is gone.");
});

test("nothing that is said is a command to the terminal", async () => {
  const evil = "\u001b[2J\u001b]0;title\u0007\u009b31mred\rback\u0000";
  const lines = await show(asked(evil), ...block("text", evil), called("T\u001b[H", evil), result(evil));
  expect(lines[0]).toEqual({ text: "❯ [2J]0;title31mredback", look: "bold cyan" });
  expect(lines[1]?.text).toBe("● [2J]0;title31mredback");
  expect(lines).toHaveLength(4);
});

test("it says for whose tools it waits", async () => {
  const lines = await words(said({ type: "calls_held", calls: [{ name: "weather" }, { name: "clock" }] }));
  expect(lines).toEqual(["Waits for the client's tools: weather, clock"]);
});
