/** Which tools the model is to see, by what a conversation has said of them. */
import { describe, expect, test } from "bun:test";
import { countRequest } from "./model.ts";
import { parseRequest } from "./request.ts";

const named = (name: string, more: object = {}) => ({ name, input_schema: { type: "object" }, ...more });
const user = (content: unknown) => ({ role: "user", content });
const system = (...content: object[]) => ({ role: "system", content });
const reference = (name: string) => ({ type: "tool_reference", name });
const added = (tool: object) => ({ type: "tool_addition", tool });
const removed = (name: string) => ({ type: "tool_removal", tool: reference(name) });
const defined = (definition: object) => added({ type: "tool_definition", definition });

const parse = (body: object) => parseRequest(countRequest.parse({ model: "haiku", messages: [user("hi")], ...body }));
const shown = (tools: object[] | undefined, ...messages: object[]) =>
  parse({ tools, messages: [user("hi"), ...messages] }).tools?.map(({ name }) => name);

describe("a tool that waits to be asked for", () => {
  const tools = [named("find"), named("late", { defer_loading: true })];
  const call = { type: "tool_use", id: "t1", name: "find", input: {} };
  const result = (name: string) => ({
    type: "tool_result",
    tool_use_id: "t1",
    content: [{ type: "tool_reference", tool_name: name }],
  });

  test("is not shown before", () => {
    expect(shown(tools)).toEqual(["find"]);
  });

  test("is shown once a result refers to it, and stays", () => {
    const found = [{ role: "assistant", content: [call] }, user([result("late")])];
    expect(shown(tools, ...found)).toEqual(["find", "late"]);
    expect(shown(tools, ...found, { role: "assistant", content: "ok" }, user("more"))).toEqual(["find", "late"]);
    expect(shown(tools, { role: "assistant", content: [call] }, user([result("other")]))).toEqual(["find"]);
  });

  test("is shown from the start where the API would search, which is named", () => {
    const searched = [...tools, { type: "tool_search_tool_bm25_20251119", name: "tool_search_tool_bm25" }];
    expect(shown(searched)).toEqual(["find", "late"]);
    expect(parse({ tools: searched }).ignored).toEqual(["tools.tool_search_tool_bm25_20251119"]);
  });
});

describe("a change in the midst of a conversation", () => {
  test("adds and takes away, the last one counts", () => {
    const tools = [named("a"), named("b", { defer_loading: true })];
    expect(shown(tools, system(added(reference("b"))))).toEqual(["a", "b"]);
    expect(shown(tools, system(removed("a")), system(added(reference("b"))))).toEqual(["b"]);
    expect(shown(tools, system(removed("a")), user("x"), system(added(reference("a"))))).toEqual(["a"]);
    expect(shown(undefined)).toBeUndefined();
    const bash = { type: "bash_20250124", name: "bash" };
    expect(shown(undefined, system(defined(named("new")), defined(bash)))).toEqual(["new", "bash"]);
    expect(shown(tools, system(defined(named("new"))), system(removed("new")))).toEqual(["a"]);
  });

  test("may give a tool anew", () => {
    const { tools } = parse({
      tools: [named("a", { description: "old" })],
      messages: [user("hi"), system(defined(named("a", { description: "new" })))],
    });
    expect(tools).toEqual([{ name: "a", description: "new", inputSchema: { type: "object" } }]);
  });

  test("is said to nobody, and what is said beside it is", () => {
    const { messages } = parse({ messages: [user("hi"), system(removed("a"), { type: "text", text: "note" })] });
    expect(messages.map(({ content }) => content)).toEqual([
      [{ type: "text", text: "hi" }],
      [{ type: "text", text: "<system-reminder>\nnote\n</system-reminder>" }],
    ]);
  });

  test.each([
    [[named("x", { type: "web_search_20250305" })], [], "tools.0.type"],
    [[named("a")], [system(defined({ name: "b" }))], "messages.1.content.0.tool"],
    [[named("a")], [system({ text: "no type" })], "messages.1.content.0.type"],
  ])("%j %j is refused where it stands", (tools, changes, path) => {
    const parsed = countRequest.safeParse({ model: "haiku", tools, messages: [user("hi"), ...changes] });
    expect(parsed.error?.issues[0]?.path.join(".")).toBe(path);
  });
});

test("what newer clients may say in system messages beside is left out, and named", () => {
  const { messages, ignored } = parse({ messages: [user("hi"), system({ type: "novelty" })] });
  expect(messages).toHaveLength(1);
  expect(ignored).toEqual(["messages.novelty"]);
});

test("the effort of a system message is that of its turn", () => {
  const effort = (level: string) => ({ role: "system", output_config: { effort: level } });
  const config = { output_config: { effort: "low" } };
  const [asked, answer] = [user("hi"), { role: "assistant", content: "ok" }];
  expect(parse({ ...config, messages: [asked, effort("high"), effort("max")] }).effort).toBe("max");
  expect(parse({ ...config, messages: [asked, effort("high"), answer, asked] }).effort).toBe("low");
});
