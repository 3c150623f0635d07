// The Responses API on the wire: its errors, both of its addresses, clients that go away, and servers that die.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { spawnLodge, temporaryFolder } from "../harness/process.ts";
import { collectFrames, readFrames } from "../harness/sse.ts";

setDefaultTimeout(60_000);

let lodge: TestLodge;

beforeAll(async () => {
  lodge = await startTestLodge();
});
afterAll(() => lodge[Symbol.asyncDispose]());

interface Kept {
  id: string;
  status: string;
  output: { status: string; content: { text: string }[] }[];
  error: { code: string; message: string } | null;
}

type Server = Pick<TestLodge, "fetch" | "post">;

const bodyOf = async <T>(response: Promise<Response>): Promise<T> => (await (await response).json()) as T;
const retrieve = (id: string, server: Server = lodge): Promise<Kept> => bodyOf(server.fetch(`/v1/responses/${id}`));
const ask = (input: unknown, more: object = {}) => ({ model: "haiku", input, ...more });

/** Asked for until it is so. */
async function retrieveWhen(id: string, isSo: (kept: Kept) => boolean, server: Server = lodge): Promise<Kept> {
  for (;;) {
    const kept = await retrieve(id, server);
    if (isSo(kept)) return kept;
  }
}

describe("a wrong field is named", () => {
  test.each([
    [{ input: undefined }, "input"],
    [{ input: 3 }, "input"],
    [{ input: [] }, "input"],
    [{ input: [{ role: "robot", content: "x" }] }, "input.0.role"],
    [{ input: [{ role: "user" }] }, "input.0.content"],
    [{ input: [{ role: "user", content: [{ type: "input_text" }] }] }, "input.0.content.0.text"],
    [{ input: [{ role: "user", content: [{ type: "input_audio" }] }] }, "input.0.content.0.type"],
    [
      { input: [{ role: "user", content: [{ type: "input_image", image_url: "ftp://x" }] }] },
      "input.0.content.0.image_url",
    ],
    [
      { input: [{ role: "user", content: [{ type: "input_image", file_id: "file_1" }] }] },
      "input.0.content.0.image_url",
    ],
    [{ input: [{ role: "user", content: [{ type: "input_file", filename: "x" }] }] }, "input.0.content.0.file_data"],
    [{ input: [{ type: "function_call_output", output: "x" }] }, "input.0.call_id"],
    [{ input: [{ type: "compaction_trigger" }] }, "input.0.type"],
    [{ model: "gpt-9" }, "model"],
    [{ stream: "yes" }, "stream"],
    [{ metadata: { a: 1 } }, "metadata.a"],
    [{ metadata: Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`k${index}`, ""])) }, "metadata"],
    [{ max_output_tokens: 0 }, "max_output_tokens"],
    [{ reasoning: { effort: "enormous" } }, "reasoning.effort"],
    [{ text: { format: { type: "xml" } } }, "text.format.type"],
    [{ text: { format: { type: "json_schema", name: "x" } } }, "text.format.schema"],
    [{ include: ["message.output_text.logprobs"] }, "include.0"],
    [{ top_logprobs: 2 }, "top_logprobs"],
    [{ conversation: "conv_1" }, "conversation"],
    [{ prompt: { id: "pmpt_1" } }, "prompt"],
    [{ background: true, store: false }, "background"],
    [{ truncation: "sometimes" }, "truncation"],
    [{ tool_choice: "maybe" }, "tool_choice"],
  ])("%j", async (wrong, param) => {
    const response = await lodge.post("/v1/responses", { ...ask("hi"), ...wrong });
    const { error } = (await response.json()) as { error: Record<string, unknown> };
    expect({ status: response.status, ...error }).toMatchObject({ status: 400, type: "invalid_request_error", param });
    expect(error["message"]).toStartWith(`${param}: `);
  });

  test("in the query as well", async () => {
    const { id } = await bodyOf<Kept>(lodge.post("/v1/responses", ask("echo: x")));
    for (const [query, param] of [
      ["?stream=true&starting_after=-1", "starting_after"],
      ["?stream=perhaps", "stream"],
      ["/input_items?order=up", "order"],
      ["/input_items?after=nothing", "after"],
    ] as const) {
      const response = await lodge.fetch(`/v1/responses/${id}${query}`);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: { param } });
    }
  });
});

describe.each(["/v1/responses", "/openai/v1/responses"])("%s", (base) => {
  test("what is not there is 404, in the family's shape", async () => {
    for (const [method, path] of [
      ["GET", "/resp_nothing"],
      ["DELETE", "/resp_nothing"],
      ["POST", "/resp_nothing/cancel"],
      ["GET", "/resp_nothing/input_items"],
    ] as const) {
      const response = await lodge.fetch(base + path, { method });
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({
        error: { code: "response_not_found", type: "not_found_error" },
      });
    }
  });

  test("needs a token, JSON, and the right method", async () => {
    expect((await fetch(`${lodge.url}${base}`, { method: "POST", body: "{}" })).status).toBe(401);
    expect((await fetch(`${lodge.url}${base}/resp_x`)).status).toBe(401);
    expect((await lodge.fetch(base, { method: "POST", body: "{" })).status).toBe(400);
    expect((await lodge.fetch(base)).status).toBe(405);
  });

  test("a deleted one is gone, and says that it is", async () => {
    const { id } = await bodyOf<Kept>(lodge.post(base, ask("echo: x")));
    const deleted = await lodge.fetch(`${base}/${id}`, { method: "DELETE" });
    expect(await deleted.json()).toEqual({ id, object: "response", deleted: true });
    expect((await lodge.fetch(`${base}/${id}`)).status).toBe(404);
  });
});

test("each frame has its type as event and within", async () => {
  const response = await lodge.post("/v1/responses", ask("echo: one two", { stream: true, store: false }));
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  const frames = await collectFrames(response);
  for (const { event, data } of frames) expect((JSON.parse(data) as { type: string }).type).toBe(event!);
  expect(frames.at(-1)?.event).toBe("response.completed");
});

test("a conversation whose messages hold a million characters goes on", async () => {
  const long = "x".repeat(1_000_000);
  const first = await bodyOf<Kept>(lodge.post("/v1/responses", ask(`echo: ${long}`)));
  expect(first.output[0]?.content[0]?.text).toBe(long);
  const second = await lodge.post("/v1/responses", ask("turns", { previous_response_id: first.id }));
  expect(second.headers.get("x-lodge-session-source")).toBe("warm");
  expect((await bodyOf<Kept>(Promise.resolve(second))).output[0]?.content[0]?.text).toBe("2");
});

test("a client that goes away in mid-stream ends the turn, and what is kept says so", async () => {
  await using watch = await lodge.watch();
  const response = await lodge.post("/v1/responses", ask("slow: 500", { stream: true }));
  const session = response.headers.get("x-claude-session")!;
  let id = "";
  for await (const { event, data } of readFrames(response)) {
    if (event === "response.created") ({ id } = (JSON.parse(data) as { response: Kept }).response);
    if (event !== "response.output_text.delta") continue;
    expect((await retrieve(id)).status).toBe("in_progress");
    // Which closes the connection.
    break;
  }
  await watch.until(() => (watch.sessions.get(session)?.state.name === "hibernated" ? true : undefined), 5000);
  const kept = await retrieveWhen(id, ({ status }) => status !== "in_progress");
  expect(kept).toMatchObject({ status: "cancelled", output: [{ status: "incomplete" }] });
  expect(kept.output[0]!.content[0]!.text).toStartWith("word1");
  // What was said is there to go on from.
  const next = await bodyOf<Kept>(lodge.post("/v1/responses", ask("recall", { previous_response_id: id })));
  expect(next.output[0]?.content[0]?.text).toBe("slow: 500");
});

test("a server that is killed leaves nothing in progress", async () => {
  await using folder = await temporaryFolder();
  const settings = { LODGE_DATA: folder.path, LODGE_SPARES: "0", LODGE_LOG_LEVEL: "error" };
  const started = async () => await spawnLodge(settings);
  const first = await started();
  const running = await bodyOf<Kept>(first.post("/v1/responses", ask("slow: 1000", { background: true })));
  const done = await bodyOf<Kept>(first.post("/v1/responses", ask("echo: safe")));
  await retrieveWhen(running.id, ({ status }) => status === "in_progress", first);
  first.kill("SIGKILL");
  await first.ended;
  await using second = await started();
  expect(await retrieve(done.id, second)).toMatchObject({ status: "completed" });
  const kept = await retrieve(running.id, second);
  expect(kept).toMatchObject({ status: "failed", error: { code: "server_error" } });
  expect(kept.error?.message).toContain("restarted");
  const frames = await collectFrames(await second.fetch(`/v1/responses/${running.id}?stream=true`));
  expect(frames.at(0)?.event).toBe("response.created");
  expect(frames.at(-1)?.event).toBe("response.failed");
  const turns = await bodyOf<Kept>(second.post("/v1/responses", ask("turns", { previous_response_id: done.id })));
  expect(turns.output[0]?.content[0]?.text).toBe("2");
});
