/** One line that says what a tool was asked to do. */

export interface ToolSummary {
  /** What a person calls the tool. */
  name: string;
  /** The argument that tells most; empty when none does. */
  text: string;
}

/** The argument to show, by tool. */
const telling: Record<string, string[]> = {
  Agent: ["description", "prompt"],
  Bash: ["command"],
  BashOutput: ["bash_id"],
  Edit: ["file_path"],
  ExitPlanMode: ["plan"],
  Glob: ["pattern"],
  Grep: ["pattern"],
  MultiEdit: ["file_path"],
  NotebookEdit: ["notebook_path"],
  Read: ["file_path"],
  Skill: ["skill", "command"],
  Task: ["description", "prompt"],
  TodoWrite: [],
  ToolSearch: ["query"],
  WebFetch: ["url"],
  WebSearch: ["query"],
  Write: ["file_path"],
};

/** Characters of the line; the arguments themselves are a click away. */
const longest = 300;

export function toolSummary(name: string, input: Record<string, unknown>): ToolSummary {
  const [, server, tool] = /^mcp__(.+?)__(.+)$/.exec(name) ?? [];
  const shown = server === undefined || tool === undefined ? name : `${server}: ${tool}`;
  return { name: shown, text: oneLine(words(name, input)) };
}

function words(name: string, input: Record<string, unknown>): string {
  const { todos, questions } = input;
  if (name === "TodoWrite" && Array.isArray(todos)) {
    const done = todos.filter((todo) => (todo as { status?: unknown } | null)?.status === "completed").length;
    return `${done} of ${todos.length} done`;
  }
  if (name === "AskUserQuestion" && Array.isArray(questions)) {
    return text((questions[0] as { question?: unknown } | undefined)?.question);
  }
  const keys = telling[name] ?? Object.keys(input);
  const key = keys.find((each) => text(input[each]) !== "");
  const told = key === undefined ? "" : text(input[key]);
  return name === "Grep" && text(input["path"]) !== "" ? `${told} in ${text(input["path"])}` : told;
}

const text = (value: unknown): string =>
  typeof value === "string" ? value : typeof value === "number" || typeof value === "boolean" ? String(value) : "";

function oneLine(long: string): string {
  const [first = "", ...rest] = long.trim().split("\n");
  const line = first.length > longest ? first.slice(0, longest) : first;
  return line.length < first.length || rest.length > 0 ? `${line} …` : line;
}
