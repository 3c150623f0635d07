/** Requests on somebody's word, against servers on loopback that stand for public ones: names are made up by the test. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { OutgoingError, type OutgoingErrorKind } from "./errors.ts";
import { Outgoing, type OutgoingRequest } from "./outgoing.ts";

let server: Bun.Server<undefined>;
let asked: { path: string; host: string | null }[] = [];
const stalled = Promise.withResolvers<void>();

beforeAll(() => {
  server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const url = new URL(request.url);
      asked.push({ path: url.pathname, host: request.headers.get("host") });
      const to = url.searchParams.get("to");
      if (to !== null) return new Response(null, { status: 302, headers: { location: to } });
      if (url.pathname === "/stall") await stalled.promise;
      if (url.pathname === "/large") return new Response("x".repeat(10_000));
      if (url.pathname === "/endless") {
        return new Response(new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(4096)) }));
      }
      if (url.pathname === "/zip") {
        const bomb = Bun.gzipSync(Buffer.alloc(5_000_000));
        return new Response(bomb, { headers: { "content-encoding": "gzip" } });
      }
      return new Response(`${request.method} ${await request.text()}`, { headers: { "x-seen": "yes" } });
    },
  });
});
afterAll(async () => {
  stalled.resolve();
  await server.stop(true);
});

/** A world in which names lead where the test says. */
function world(names: Record<string, string[] | (() => string[])>, allowPrivate = true) {
  asked = [];
  const lookups: string[] = [];
  const outgoing = new Outgoing({
    allowPrivate,
    resolve: async (name) => {
      lookups.push(name);
      const found = names[name];
      if (!found) throw new Error("ENOTFOUND");
      return typeof found === "function" ? found() : found;
    },
  });
  const ask = (url: string, more: Partial<OutgoingRequest> = {}) =>
    outgoing.fetch({ url: url.replace("PORT", String(server.port)), maxBytes: 100_000, timeoutMs: 5000, ...more });
  const failure = async (url: string, more: Partial<OutgoingRequest> = {}): Promise<OutgoingErrorKind | "none"> =>
    ask(url, more).then(
      () => "none",
      (error: unknown) => {
        if (error instanceof OutgoingError) return error.kind;
        throw error;
      },
    );
  return { ask, failure, lookups };
}

describe("a name", () => {
  test("is looked up once, and the server is asked at that address under its name", async () => {
    const { ask, lookups } = world({ "hook.example": ["127.0.0.1"] });
    const reply = await ask("http://hook.example:PORT/in?x=1", { method: "POST", body: "hello" });
    expect({ status: reply.status, body: Buffer.from(reply.body).toString() }).toEqual({
      status: 200,
      body: "POST hello",
    });
    expect(reply.headers.get("x-seen")).toBe("yes");
    expect(asked).toEqual([{ path: "/in", host: `hook.example:${server.port}` }]);
    expect(lookups).toEqual(["hook.example"]);
  });

  test("that leads to an address that is not public is refused, and nobody is asked", async () => {
    for (const addresses of [
      ["127.0.0.1"],
      ["8.8.8.8", "127.0.0.1"],
      ["::1"],
      ["::ffff:127.0.0.1"],
      ["169.254.169.254"],
    ]) {
      const { failure } = world({ "evil.example": addresses }, false);
      expect(await failure("http://evil.example:PORT/")).toBe("refused");
      expect(asked).toEqual([]);
    }
  });

  test("that changes its mind after the check leads nowhere else", async () => {
    let times = 0;
    // Public at first; what would be asked next is this machine. Nothing listens at the public one.
    const { failure, lookups } = world(
      { "rebind.example": () => (times++ === 0 ? ["203.0.114.1"] : ["127.0.0.1"]) },
      false,
    );
    expect(await failure("http://rebind.example:PORT/", { timeoutMs: 300 })).toMatch(/timeout|unreachable/);
    expect(lookups).toHaveLength(1);
    expect(asked).toEqual([]);
  });

  test("that leads nowhere is unreachable; the next of its addresses is tried when one does not answer", async () => {
    const { ask, failure } = world({ "none.example": [], "two.example": ["127.0.0.2", "127.0.0.1"] });
    expect(await failure("http://unknown.example/")).toBe("unreachable");
    expect(await failure("http://none.example/")).toBe("unreachable");
    expect((await ask("http://two.example:PORT/")).status).toBe(200);
  });
});

describe("a redirect", () => {
  const names = { "a.example": ["127.0.0.1"], "b.example": ["127.0.0.1"] };

  test("is not followed unless asked for, and then no more often than allowed", async () => {
    const { ask } = world(names);
    const url = "http://a.example:PORT/?to=http%3A%2F%2Fb.example%3APORT%2Fend";
    expect((await ask(url)).status).toBe(302);
    const { status, url: end } = await ask(url.replaceAll("PORT", String(server.port)), { maxRedirects: 1 });
    expect({ status, end }).toEqual({ status: 200, end: `http://b.example:${server.port}/end` });
    const loop = `/?to=${encodeURIComponent("/?to=%2F%3Fto%3Dx")}`;
    expect((await ask(`http://a.example:PORT${loop}`, { maxRedirects: 1 })).status).toBe(302);
  });

  test("is checked like the first address, by name and by number", async () => {
    for (const to of ["http://inner.example:PORT/", "http://127.0.0.2:PORT/", "http://[::1]:PORT/", "//127.2:PORT/"]) {
      asked = [];
      const outgoing = new Outgoing({
        allowPrivate: false,
        isPublic: (address) => address === "127.0.0.1",
        resolve: async (name) => [name === "inner.example" ? "127.0.0.2" : "127.0.0.1"],
      });
      const target = encodeURIComponent(to.replace("PORT", String(server.port)));
      const url = `http://outer.example:${server.port}/?to=${target}`;
      const failed = await outgoing
        .fetch({ url, maxBytes: 1000, timeoutMs: 5000, maxRedirects: 3 })
        .catch((error: unknown) => error);
      expect(failed).toMatchObject({ kind: "refused" });
      expect(asked).toHaveLength(1);
    }
  });

  test.each(["file:///etc/passwd", "ftp://a.example/", "http://user:x@a.example/", "http://"])(
    "to %s is refused",
    async (to) => {
      const { failure } = world(names);
      expect(await failure(`http://a.example:PORT/?to=${encodeURIComponent(to)}`, { maxRedirects: 3 })).toBe("invalid");
    },
  );
});

describe("bounds", () => {
  const names = { "a.example": ["127.0.0.1"] };

  test.each(["/large", "/endless", "/zip"])("a body that is too large is broken off: %s", async (path) => {
    const { failure } = world(names);
    expect(await failure(`http://a.example:PORT${path}`, { maxBytes: 9_999 })).toBe("too_large");
  });

  test("a body that nobody wants is not read", async () => {
    const { ask } = world(names);
    expect((await ask("http://a.example:PORT/endless", { maxBytes: 0 })).body).toHaveLength(0);
  });

  test("a server that says nothing, and a name that is looked up for ever, run out of time", async () => {
    const { failure } = world(names);
    expect(await failure("http://a.example:PORT/stall", { timeoutMs: 50 })).toBe("timeout");
    const stuck = new Outgoing({ allowPrivate: true, resolve: () => new Promise(() => {}) });
    const kind = await stuck
      .fetch({ url: "http://a.example/", maxBytes: 1, timeoutMs: 50 })
      .catch((error: OutgoingError) => error.kind);
    expect(kind).toBe("timeout");
  });

  test("whoever asked may give up", async () => {
    const { failure } = world(names);
    const controller = new AbortController();
    const failed = failure("http://a.example:PORT/stall", { signal: controller.signal });
    controller.abort();
    expect(await failed).toBe("aborted");
  });
});

describe("https", () => {
  test("goes to the address that was checked and asks there for the name's certificate", async () => {
    const secure = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      tls: { key, cert },
      fetch: (request) => new Response(request.headers.get("host")),
    });
    const outgoing = new Outgoing({ allowPrivate: true, ca: cert, resolve: async () => ["127.0.0.1"] });
    const ask = (name: string) =>
      outgoing.fetch({ url: `https://${name}:${secure.port}/`, maxBytes: 1000, timeoutMs: 5000 }).then(
        ({ body }) => Buffer.from(body).toString(),
        (error: OutgoingError) => error.kind,
      );
    try {
      expect(await ask("secure.example")).toBe(`secure.example:${secure.port}`);
      expect(await ask("other.example")).toBe("unreachable");
      expect(await ask("127.0.0.1")).toBe("unreachable");
    } finally {
      await secure.stop(true);
    }
  });
});

/** Of `secure.example`, for this test alone; valid for a hundred years. */
const cert = `-----BEGIN CERTIFICATE-----
MIIBpDCCAUqgAwIBAgIUSI/tyDfs61Nuop2Fv+3CtpE6p88wCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwOc2VjdXJlLmV4YW1wbGUwIBcNMjYxMTIxMDUzODE2WhgPMjEy
NjEwMjgwNTM4MTZaMBkxFzAVBgNVBAMMDnNlY3VyZS5leGFtcGxlMFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAEBVP6hUP9KMhSlq6t+LBmtOYzQ5rNp0ou9ocAdMGv
wJLPdnbnaYRw0wvDhswOdqVoZL5h2vY+4r+WMifhoHKyuaNuMGwwHQYDVR0OBBYE
FGZF80afCmbavAop50ciZ1vBOjUhMB8GA1UdIwQYMBaAFGZF80afCmbavAop50ci
Z1vBOjUhMA8GA1UdEwEB/wQFMAMBAf8wGQYDVR0RBBIwEIIOc2VjdXJlLmV4YW1w
bGUwCgYIKoZIzj0EAwIDSAAwRQIhAJHKivSwglV39p8PRZy+SJMUpZf/2h3/OdFz
xeGZBwfcAiALozOyf02EtifUEL0wp2BJmsh/lifMpNdpCYfVLDS+nQ==
-----END CERTIFICATE-----`;
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgY0F8uD+UDzqg5w1A
X0eW02QTgTg88wGYeIIOjEj/bFWhRANCAAQFU/qFQ/0oyFKWrq34sGa05jNDms2n
Si72hwB0wa/Aks92dudphHDTC8OGzA52pWhkvmHa9j7iv5YyJ+GgcrK5
-----END PRIVATE KEY-----`;
