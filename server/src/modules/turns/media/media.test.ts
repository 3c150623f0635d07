/** Fetching for a conversation: what is fetched and when, who is asked, and what is said when it cannot be had. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { ManualClock } from "../../../jobs/testing/manual-clock.ts";
import { Outgoing, type OutgoingOptions } from "../../../net/outgoing.ts";
import type { DocumentBlock, ImageBlock, Message, UserBlock } from "../../../sessions/index.ts";
import { urlBlock } from "./blocks.ts";
import { Media, type MediaLimits } from "./media.ts";

const png = Buffer.from("\u0089PNG\r\n\u001a\nrest", "latin1");
const pdf = Buffer.from("%PDF-1.7 and so on");
const never = new AbortController().signal;
const stalled = Promise.withResolvers<void>();

let server: Bun.Server<undefined>;
let asked: { path: string; headers: Headers }[] = [];

beforeAll(() => {
  server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { pathname, searchParams } = new URL(request.url);
      asked.push({ path: pathname, headers: request.headers });
      const to = searchParams.get("to");
      if (to !== null) return new Response(null, { status: 302, headers: { location: to } });
      switch (pathname) {
        case "/a.pdf":
          return new Response(pdf, { headers: { "set-cookie": "a=b" } });
        case "/notes":
          return new Response("some notes", { headers: { "content-type": "text/plain; charset=utf-8" } });
        case "/page":
          return new Response("<html></html>", { headers: { "content-type": "image/png" } });
        case "/missing":
          return new Response("no", { status: 404 });
        case "/loop":
          return new Response(null, { status: 302, headers: { location: "/loop" } });
        case "/endless":
          return new Response(new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536)) }));
        case "/drip":
          return new Response(
            new ReadableStream({
              async pull(controller) {
                if (controller.desiredSize === 1) controller.enqueue(png);
                await stalled.promise;
              },
            }),
          );
        default:
          return new Response(png);
      }
    },
  });
});
afterAll(async () => {
  stalled.resolve();
  await server.stop(true);
});

/** Names lead to loopback, which stands for the public internet unless the test says otherwise. */
function world(limits: Partial<MediaLimits> = {}, options: Partial<OutgoingOptions> = {}) {
  asked = [];
  const clock = new ManualClock();
  const outgoing = new Outgoing({ allowPrivate: true, resolve: async () => ["127.0.0.1"], ...options });
  return { clock, media: new Media(outgoing, clock, limits) };
}

const at = (path: string): string => `http://pictures.example:${server.port}${path}`;
const block = (url: string, slot: "image" | "document" = "image", field = "messages.0.content.0.source.url") =>
  urlBlock(url, { slot, field });
const user = (...content: UserBlock[]): Message => ({ role: "user", content });
const said: Message = { role: "assistant", content: [{ type: "text", text: "I see" }] };

async function failure(media: Media, url: string, slot: "image" | "document" = "image"): Promise<string> {
  const error: unknown = await media.ofAll([user(block(url, slot))], never).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ kind: "invalid_request", details: { param: "messages.0.content.0.source.url" } });
  return (error as Error).message;
}

test("only what was said since the assistant spoke is fetched for a turn; the rest when it is asked for", async () => {
  const { media } = world();
  const messages = [
    user(block(at("/old.png"))),
    said,
    user(block(at("/new.png"))),
    user(block(at("/a.pdf"), "document")),
  ];
  const loaded = await media.ofInput(messages, never);
  expect(asked.map(({ path }) => path).toSorted()).toEqual(["/a.pdf", "/new.png"]);
  expect(loaded.slice(0, 2)).toEqual(messages.slice(0, 2));
  expect(loaded[2]?.content).toEqual([
    {
      type: "image",
      source: { type: "base64", media_type: "image/png", data: png.toString("base64") },
      url: at("/new.png"),
    },
  ]);
  expect(loaded[3]?.content[0]).toMatchObject({ type: "document", source: { media_type: "application/pdf" } });
  const all = await media.ofAll(loaded, never);
  expect(asked.map(({ path }) => path)).toContain("/old.png");
  expect(all[0]?.content[0]).toMatchObject({ source: { type: "base64" } });
});

test("results of tools and the insides of documents are fetched too, each URL once, and kept for a while", async () => {
  const { media, clock } = world();
  const inner: DocumentBlock = {
    type: "document",
    source: { type: "content", content: [{ type: "text", text: "look" }, block(at("/a.png")) as ImageBlock] },
  };
  const result: UserBlock = {
    type: "tool_result",
    tool_use_id: "t1",
    content: [block(at("/a.png")), block(at("/notes"), "document")],
    is_error: false,
  };
  const messages = [user(result, inner, block(at("/a.png")))];
  const [loaded] = await media.ofAll(messages, never);
  expect(asked.map(({ path }) => path).toSorted()).toEqual(["/a.png", "/notes"]);
  expect(JSON.stringify(loaded)).not.toContain('"type":"url"');
  expect(JSON.stringify(loaded)).toContain('{"type":"text","media_type":"text/plain","data":"some notes"}');
  await media.ofAll(messages, never);
  expect(asked).toHaveLength(2);
  await clock.advance(10 * 60_000 + 1);
  await media.ofAll(messages, never);
  expect(asked).toHaveLength(4);
});

test("nobody is told who asks: no cookie, no token, no page that it came from", async () => {
  const { media } = world();
  await media.ofAll([user(block(at("/a.pdf"), "document"))], never);
  await media.ofAll([user(block(at("/b.png"), "document"))], never);
  for (const { headers } of asked) {
    for (const name of ["cookie", "authorization", "referer", "x-api-key"]) expect(headers.has(name)).toBe(false);
  }
});

describe("what cannot be had is 400 that names the field and says why", () => {
  test.each([
    ["/missing", "answered 404"],
    ["/loop", "redirects more than 5 times"],
    ["/page", "its bytes are not those of a PNG"],
    ["/endless", "larger than the limit of 3932160 bytes"],
  ])("%s: %s", async (path, why) => expect(await failure(world().media, at(path))).toContain(why));

  test("a document has another bound", async () => {
    expect(await failure(world().media, at("/endless"), "document")).toContain(
      "larger than the limit of 33554432 bytes",
    );
  });

  test("a body that never ends to come, one piece after another", async () => {
    expect(await failure(world({ timeoutMs: 100 }).media, at("/drip"))).toContain("no reply within 0.1 s");
  });

  test.each([
    ["http://user:secret@pictures.example/a.png", "user name or a password"],
    [`http://${"x".repeat(9000)}.example/`, "too long"],
    ["http://", "not a URL"],
  ])("%#: %s", async (url, why) => expect(await failure(world().media, url)).toContain(why));

  test("more URLs than a request may have, and more bytes", async () => {
    const many = Array.from({ length: 4 }, (_, index) =>
      block(at(`/${index}.png`), "image", `messages.0.content.${index}`),
    );
    const error = await world({ urls: 3 })
      .media.ofAll([user(...many)], never)
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      message: "messages.0.content.3: there are 4 different URLs; at most 3 are fetched.",
    });
    expect(asked).toHaveLength(0);
    const heavy = world({ requestBytes: png.length * 3 }).media.ofAll([user(...many)], never);
    expect(await heavy.catch((reason: unknown) => reason)).toMatchObject({ kind: "invalid_request" });
  });

  test("whoever asked may go away", async () => {
    const gone = new AbortController();
    const loading = world().media.ofAll([user(block(at("/drip")))], gone.signal);
    gone.abort();
    expect(await loading.catch((reason: unknown) => reason)).toMatchObject({ kind: "aborted" });
  });
});

describe("addresses that are not public", () => {
  const closed = { allowPrivate: false };

  test.each([
    "http://127.0.0.1/",
    "http://[::1]/",
    "http://2130706433/",
    "http://localhost/",
    "http://169.254.169.254/",
  ])("%s is not asked", async (url) => {
    const message = await failure(world({}, closed).media, url);
    expect(message).toContain("not public");
    expect(message).not.toMatch(/127\.0|169\.254|::1/);
  });

  test("behind a name are not asked, and not told", async () => {
    const { media } = world({}, { ...closed, resolve: async () => ["10.1.2.3"] });
    const message = await failure(media, at("/a.png"));
    expect(message).toContain("not public");
    expect(message).not.toContain("10.1.2.3");
    expect(asked).toHaveLength(0);
  });

  test("behind a redirect are not asked either, by number and by name", async () => {
    for (const to of [`http://127.0.0.2:${server.port}/`, `http://inner.example:${server.port}/`]) {
      const { media } = world(
        {},
        {
          allowPrivate: false,
          isPublic: (address) => address === "127.0.0.1",
          resolve: async (name) => [name === "inner.example" ? "127.0.0.2" : "127.0.0.1"],
        },
      );
      expect(await failure(media, at(`/?to=${encodeURIComponent(to)}`))).toContain("not public");
      expect(asked).toHaveLength(1);
    }
  });

  test("a name that changes its mind is looked up once, and leads where it led", async () => {
    let lookups = 0;
    const { media } = world(
      {},
      {
        allowPrivate: false,
        isPublic: (address) => address === "127.0.0.1",
        resolve: async () => (lookups++ === 0 ? ["127.0.0.1"] : ["127.0.0.2"]),
      },
    );
    const [loaded] = await media.ofAll([user(block(at("/a.png")))], never);
    expect(loaded?.content[0]).toMatchObject({ source: { type: "base64" } });
    expect(lookups).toBe(1);
  });
});
