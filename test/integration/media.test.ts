// Images and documents in every family: by bytes, by data: URL and by URL, in what the user says and in results of tools.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { png } from "../harness/media.ts";
import { type Block, result, tool, ToolClient } from "../harness/tool-client.ts";

setDefaultTimeout(60_000);

const pdf = Buffer.from("%PDF-1.7\n%%EOF\n");
const anImage = `image image/png ${png.length} bytes`;
const aDocument = `document application/pdf ${pdf.length} bytes`;

/** A server that others' pictures are on. */
function startHost(port = 0) {
  const asked: string[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port,
    fetch(request) {
      const { pathname } = new URL(request.url);
      asked.push(pathname);
      if (pathname.startsWith("/moved")) return Response.redirect(pathname.slice("/moved".length));
      if (pathname.endsWith(".png")) return new Response(png, { headers: { "content-type": "text/html" } });
      if (pathname.endsWith(".pdf")) return new Response(pdf);
      if (pathname === "/endless") {
        return new Response(new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536)) }));
      }
      return new Response("nothing here", { status: 404 });
    },
  });
  return { url: `http://127.0.0.1:${server.port}`, asked, stop: () => server.stop(true) };
}

let lodge: TestLodge;
let host: ReturnType<typeof startHost>;

beforeAll(async () => {
  lodge = await startTestLodge({ LODGE_PRIVATE_ADDRESSES: "yes" });
  host = startHost();
});
afterAll(async () => {
  await lodge[Symbol.asyncDispose]();
  await host.stop();
});

interface Said {
  status: number;
  source: string | null;
  text: string;
  /** Of a failure. */
  message: string;
  param: string | undefined;
}

/** One family: how its users show what is at a URL, or in bytes, and how it is asked. */
interface Family {
  image: (url: string) => object;
  document: (url: string) => object;
  /** A conversation in which the user says these and has had the answers between them. */
  ask: (turns: object[][], answers: string[]) => Promise<Said>;
  /** The field of the first part of the last thing said. */
  field: (message: number) => string;
}

interface Body {
  error?: { message: string; param?: string };
  content?: { text: string }[];
  choices?: { message: { content: string } }[];
  output?: { type: string; content?: { text: string }[] }[];
}

async function send(path: string, body: object): Promise<Said> {
  const response = await lodge.post(path, { model: "haiku", ...body }, { "x-claude-mode": "model" });
  const { error, content, choices, output } = (await response.json()) as Body;
  const parts = content ?? output?.flatMap((item) => item.content ?? []);
  return {
    status: response.status,
    source: response.headers.get("x-lodge-session-source"),
    text: choices?.[0]?.message.content ?? parts?.map(({ text }) => text).join("") ?? "",
    message: error?.message ?? "",
    param: error?.param,
  };
}

const interleave = <T>(turns: T[], answers: T[]): T[] =>
  turns.flatMap((turn, index) => (answers[index] === undefined ? [turn] : [turn, answers[index]]));
const base64Of = (url: string): string | undefined => /^data:[^,]*,(.*)$/s.exec(url)?.[1];

function anthropicSource(url: string) {
  const data = base64Of(url);
  return data === undefined ? { type: "url", url } : { type: "base64", media_type: "image/webp", data };
}

const families: Record<string, Family> = {
  "/v1/messages": {
    image: (url) => ({ type: "image", source: anthropicSource(url) }),
    document: (url) => ({ type: "document", source: anthropicSource(url), title: "a paper" }),
    ask: (turns, answers) =>
      send("/v1/messages", {
        max_tokens: 1000,
        messages: interleave<object>(
          turns.map((parts) => ({ role: "user", content: [...parts, { type: "text", text: "describe" }] })),
          answers.map((content) => ({ role: "assistant", content })),
        ),
      }),
    field: (message) => `messages.${message}.content.0.source`,
  },
  "/openai/v1/chat/completions": {
    image: (url) => ({ type: "image_url", image_url: { url } }),
    document: (url) => ({ type: "file", file: { file_data: url, filename: "paper.pdf" } }),
    ask: (turns, answers) =>
      send("/openai/v1/chat/completions", {
        messages: interleave<object>(
          turns.map((parts) => ({ role: "user", content: [...parts, { type: "text", text: "describe" }] })),
          answers.map((content) => ({ role: "assistant", content })),
        ),
      }),
    field: (message) => `messages.${message}.content.0.image_url.url`,
  },
  "/v1/responses": {
    image: (image_url) => ({ type: "input_image", image_url }),
    document: (url) => ({
      type: "input_file",
      filename: "paper.pdf",
      ...(base64Of(url) === undefined ? { file_url: url } : { file_data: url }),
    }),
    ask: (turns, answers) =>
      send("/v1/responses", {
        store: false,
        input: interleave<object>(
          turns.map((parts) => ({ role: "user", content: [...parts, { type: "input_text", text: "describe" }] })),
          answers.map((content) => ({ role: "assistant", content })),
        ),
      }),
    field: (message) => `input.${message}.content.0.image_url`,
  },
};

const dataUrl = (bytes: Buffer, type = "image/jpeg"): string => `data:${type};base64,${bytes.toString("base64")}`;
/** What the model was sent with these words in it. */
const sentWith = (words: string): string =>
  lodge.requests.map(({ messages }) => JSON.stringify(messages)).findLast((messages) => messages.includes(words)) ?? "";

let made = 0;
/** One that nobody has asked for. */
const fresh = (name: string): string => `${host.url}/${made++}/${name}`;

describe.each(Object.entries(families))("%s", (_, { image, document, ask, field }) => {
  test.concurrent("shows the model bytes and URLs, and goes on in the same session when their server is gone", async () => {
    const gone = startHost();
    // What they are called counts for nothing.
    const bytes = [image(dataUrl(png)), document(dataUrl(pdf, "image/png")), image(dataUrl(pdf))];
    const turns = [[...bytes, image(`${gone.url}/a.png`), document(`${gone.url}/moved/b.pdf`)]];
    const first = await ask(turns, []);
    expect(first).toMatchObject({ status: 200, text: [anImage, aDocument, aDocument, anImage, aDocument].join("\n") });
    await gone.stop();
    const second = await ask([...turns, [image(dataUrl(png))]], [first.text]);
    expect(second).toMatchObject({ status: 200, source: "warm", text: anImage });
    expect(gone.asked.toSorted()).toEqual(["/a.png", "/b.pdf", "/moved/b.pdf"]);
  });

  test.concurrent("names the field of what cannot be shown", async () => {
    const cases: [string, string][] = [
      [fresh("missing"), "answered 404"],
      [`${host.url}/endless`, "larger than the limit"],
      ["data:image/png;base64,AAAA", "its bytes are not those of"],
      ["data:image/png;base64,A*", "not valid base64"],
    ];
    for (const [url, why] of cases) {
      const said = await ask([[image(dataUrl(png))], [image(url)]], ["seen"]);
      expect(said.status).toBe(400);
      expect(said.message).toStartWith(field(2));
      expect(said.message).toContain(why);
      if (said.param !== undefined) expect(said.message).toStartWith(`${said.param}: `);
    }
    // In a history that no session knows it is needed too.
    const old = await ask([[image(fresh("missing"))], []], ["I saw it"]);
    expect(old.status).toBe(400);
    expect(old.message).toStartWith(field(0));
  });
});

test.concurrent("what is in a history that no session knows is fetched, and told to one", async () => {
  const { image, ask } = families["/v1/messages"]!;
  const said = await ask([[image(fresh("old.png"))], []], ["I saw the old one"]);
  expect(said).toMatchObject({ status: 200, source: "seeded" });
  expect(sentWith("I saw the old one")).toContain(png.toString("base64"));
});

test.concurrent("stored responses are gone on from, with the URLs that they began with", async () => {
  const gone = startHost();
  const post = async (body: object) => {
    const response = await lodge.post("/v1/responses", { model: "haiku", ...body }, { "x-claude-mode": "model" });
    const source = response.headers.get("x-lodge-session-source");
    return { source, body: (await response.json()) as Body & { id: string; status: string } };
  };
  const seen = (image_url: string) => ({ role: "user", content: [{ type: "input_image", image_url }] });
  const first = await post({ input: [seen(`${gone.url}/a.png`), { role: "user", content: "describe" }] });
  await gone.stop();
  const second = await post({ input: "turns", previous_response_id: first.body.id });
  expect(second).toMatchObject({ source: "warm", body: { status: "completed" } });
  // In the background it is refused while there is somebody to hear of it.
  const refused = await post({ input: [seen(fresh("missing"))], background: true });
  expect(refused.body.error?.param).toBe("input.0.content.0.image_url");
});

describe("in results of tools", () => {
  test.concurrent("of the Messages API, by URL and by bytes, images and documents", async () => {
    const talk = new ToolClient(lodge, { tools: [tool("look")], headers: { "x-claude-mode": "model" } });
    await talk.say("tool: look {}");
    const content: Block[] = [
      { type: "image", source: { type: "url", url: fresh("a.png") } },
      { type: "document", source: { type: "url", url: fresh("a.pdf") } },
      { type: "document", source: { type: "base64", media_type: "text/plain", data: pdf.toString("base64") } },
    ];
    const said = await talk.say([result(talk.calls[0]!.id, content)]);
    expect(said).toMatchObject({ status: 200, text: `look -> ${anImage}\n${aDocument}\n${aDocument}` });
    const wrong = await talk.say([
      { type: "text", text: "and" },
      { type: "image", source: { type: "url", url: "x" } },
    ]);
    expect(wrong.error?.message).toStartWith("messages.4.content.1.source.url: ");
    expect((await talk.say("turns")).source).toBe("warm");
  });

  test.concurrent("of the Responses API", async () => {
    const call = { type: "function_call", call_id: "c1", name: "look", arguments: "{}" };
    const output = [
      { type: "input_text", text: "seen" },
      { type: "input_image", image_url: fresh("a.png") },
      { type: "input_file", file_url: fresh("a.pdf") },
    ];
    const ask = (changed: object[]) =>
      send("/v1/responses", {
        store: false,
        tools: [{ type: "function", name: "look", parameters: { type: "object" } }],
        input: [
          { role: "user", content: "tool: look {}" },
          call,
          { type: "function_call_output", call_id: "c1", output: changed },
        ],
      });
    expect(await ask(output)).toMatchObject({ status: 200, text: `look -> seen\n${anImage}\n${aDocument}` });
    const wrong = await ask([{ type: "input_image", image_url: fresh("missing") }]);
    expect(wrong).toMatchObject({ status: 400, param: "input.2.output.0.image_url" });
  });

  test.concurrent("of Chat Completions", async () => {
    const call = { id: "c1", type: "function", function: { name: "look", arguments: "{}" } };
    const ask = (content: object[]) =>
      send("/v1/chat/completions", {
        tools: [{ type: "function", function: { name: "look" } }],
        messages: [
          { role: "user", content: "tool: look {}" },
          { role: "assistant", content: null, tool_calls: [call] },
          { role: "tool", tool_call_id: "c1", content },
        ],
      });
    const file = { type: "file", file: { file_data: pdf.toString("base64") } };
    expect(await ask([{ type: "image_url", image_url: { url: fresh("a.png") } }, file])).toMatchObject({
      status: 200,
      text: `look -> ${anImage}\n${aDocument}`,
    });
    expect(await ask([{ type: "image_url", image_url: { url: "file:///etc/passwd" } }])).toMatchObject({
      status: 400,
      param: "messages.2.content.0.image_url.url",
    });
  });
});

test.concurrent("documents of words and of pictures are shown as they are", async () => {
  const text = {
    type: "document",
    source: { type: "text", media_type: "text/plain", data: "words" },
    title: "a title",
  };
  const content = [
    { type: "text", text: "a" },
    { type: "image", source: { type: "url", url: fresh("in.png") } },
  ];
  const { ask } = families["/v1/messages"]!;
  const said = await ask([[text, { type: "document", source: { type: "content", content } }]], []);
  expect(said).toMatchObject({ status: 200, text: "document text/plain 5 bytes\ndocument content" });
  expect(sentWith("a title")).toContain(png.toString("base64"));
});

test("what stands for a file of OpenAI's Files API is refused by name", async () => {
  const chat = await send("/v1/chat/completions", {
    messages: [{ role: "user", content: [{ type: "file", file: { file_id: "file_1" } }] }],
  });
  expect(chat.status).toBe(400);
  expect(chat.message).toContain("messages.0.content.0.file");
  const messages = await send("/v1/messages", {
    max_tokens: 1,
    messages: [{ role: "user", content: [{ type: "image", source: { type: "file", file_id: "file_1" } }] }],
  });
  expect(messages.status).toBe(400);
  expect(messages.message).toContain("no Files API");
});

test("counting tokens fetches nothing, and looks at what is there", async () => {
  const count = async (source: object) => {
    const messages = [{ role: "user", content: [{ type: "image", source }] }];
    const response = await lodge.post("/v1/messages/count_tokens", { model: "haiku", messages });
    return (await response.json()) as { input_tokens?: number } & Body;
  };
  const url = fresh("counted.png");
  expect(await count({ type: "url", url })).toEqual({ input_tokens: 1600 });
  expect(host.asked).not.toContain(new URL(url).pathname);
  const broken = await count({ type: "base64", media_type: "image/png", data: "AAAA" });
  expect(broken.error?.message).toStartWith("messages.0.content.0.source.data: ");
});

test("a conversation with pictures goes on after a restart, without their server", async () => {
  const gone = startHost();
  const { image, ask } = families["/v1/messages"]!;
  const turns = [[image(`${gone.url}/a.png`)]];
  const first = await ask(turns, []);
  expect(first.text).toBe(anImage);
  await gone.stop();
  await lodge.restart();
  const second = await ask([...turns, []], [first.text]);
  expect(second).toMatchObject({ status: 200, source: "resumed" });
  expect(JSON.stringify(lodge.requests.at(-1)?.messages)).toContain(png.toString("base64"));
});
