// Live terminals of a real server: the interactive CLI typed to through the socket, watched by several, and the log of a session without a terminal.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type RecordingSummary, type SessionSummary, terminalClose, terminalLimits } from "@lodge/shared";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { openSocket, TestTerminal, ticketFor } from "../harness/terminal.ts";

setDefaultTimeout(60_000);

let lodge: TestLodge;
/** Sessions that tests share and leave as they found them. */
let interactive: string;
let streamed: string;

beforeAll(async () => {
  lodge = await startTestLodge();
  interactive = await session("terminal", "echo: hello");
  streamed = await session("stream", "echo: hello");
});
afterAll(() => lodge[Symbol.asyncDispose]());

/** A live session that has had one turn. */
async function session(driver: string, prompt: string): Promise<string> {
  const response = await lodge.post(
    "/v1/chat/completions",
    { model: "haiku", messages: [{ role: "user", content: prompt }] },
    { "x-claude-driver": driver, "x-claude-mode": "model" },
  );
  const id = response.headers.get("x-claude-session");
  if (response.status !== 200 || id === null)
    throw new Error(`no session: ${response.status} ${await response.text()}`);
  await response.text();
  return id;
}

/** Resolves when both have come to the same place of the stream. */
async function meet(one: TestTerminal, other: TestTerminal): Promise<void> {
  while (one.offset !== other.offset) {
    await one.until(() => one.offset >= other.offset);
    await other.until(() => other.offset >= one.offset);
  }
  await Promise.all([one.until(() => true), other.until(() => true)]);
}

/** How an attempt to open a socket ends. */
function attempt(path: string, ticket: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${lodge.url}/api/terminals/${path}/socket?ticket=${ticket}`, {
    headers: {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      ...headers,
    },
  });
}

describe("the interactive CLI", () => {
  test("is typed to, and what it answers is on the screen of everyone who watches", async () => {
    using viewer = await TestTerminal.open(lodge, interactive, { name: "viewer" });
    using typist = await TestTerminal.open(lodge, interactive, {
      role: "control",
      name: "typist",
      cols: 100,
      rows: 30,
    });
    expect(typist.last("ready")).toMatchObject({ role: "control", canControl: true, driver: "terminal" });
    await typist.until(() => typist.last("resize")?.cols === 100);
    typist.type("echo: seen by both");
    await typist.shows("echo: seen by both");
    typist.type("\r");
    await typist.shows("● seen by both");
    await viewer.shows("● seen by both");
    expect(viewer.emulator.terminal.cols).toBe(100);
    expect(viewer.last("viewers")?.viewers.map(({ name, role }) => [name, role])).toEqual([
      ["viewer", "viewer"],
      ["typist", "control"],
    ]);
  });

  test("a lost connection goes on where it was, and a new one gets a snapshot", async () => {
    using lost = await TestTerminal.open(lodge, interactive);
    using steady = await TestTerminal.open(lodge, interactive, { role: "control" });
    await lost.until(() => lost.frames.snapshot > 0);
    lost.drop();
    steady.type("echo: while away\r");
    await steady.shows("● while away");
    expect(await lost.connect()).toMatchObject({ resumed: true });
    await meet(lost, steady);
    expect(lost.text).toBe(steady.text);
    expect(lost.frames.snapshot).toBe(0);
    expect(lost.frames.output).toBeGreaterThan(0);
    using late = await TestTerminal.open(lodge, interactive);
    await meet(late, steady);
    expect(late.text).toBe(steady.text);
    expect(late.frames).toMatchObject({ snapshot: 1 });
  });

  test("twenty who watch, some of whom lose the line meanwhile, end with the same screen", async () => {
    using stack = new DisposableStack();
    using typist = await TestTerminal.open(lodge, interactive, { role: "control" });
    const viewers = await Promise.all(
      Array.from({ length: 20 }, () => TestTerminal.open(lodge, interactive).then((viewer) => stack.use(viewer))),
    );
    typist.type("slow: 20\r");
    await typist.shows("word3");
    for (const viewer of viewers.slice(0, 7)) viewer.drop();
    typist.send({ type: "resize", cols: 96, rows: 28 });
    await typist.until(() => typist.last("resize")?.cols === 96);
    await typist.shows("word20");
    await Promise.all(viewers.slice(0, 7).map((viewer) => viewer.connect()));
    await Promise.all(viewers.map((viewer) => meet(viewer, typist)));
    const { text } = typist;
    expect(text).toContain("word20");
    expect(viewers.map((viewer) => viewer.text === text)).toEqual(Array(20).fill(true));
    const sizes = viewers.map(({ emulator: { terminal } }) => `${terminal.cols}x${terminal.rows}`);
    expect(sizes).toEqual(Array(20).fill("96x28"));
  });

  test("the control is taken with one message, and who lost it is told and cannot type", async () => {
    using first = await TestTerminal.open(lodge, interactive, { role: "control", name: "first" });
    using second = await TestTerminal.open(lodge, interactive, { role: "control", name: "second" });
    expect(second.last("ready")?.role).toBe("viewer");
    second.send({ type: "control", action: "request" });
    await second.until(() => second.last("control")?.event.name === "granted");
    const taken = await first.until(() => first.last("control")?.event);
    expect(taken).toMatchObject({ name: "taken", by: { name: "second" } });
    first.type("lost keys");
    await first.until(() => first.last("control")?.event.name === "denied");
    second.type("kept keys");
    await second.shows("kept keys");
    expect(second.text).not.toContain("lost keys");
    expect(first.closed).toBeUndefined();
    second.type("\u007f".repeat("kept keys".length));
    second.send({ type: "control", action: "release" });
    await second.until(() => second.last("control")?.event.name === "released");
  });

  test("leaves a trail of who came, took the control and typed how much, but not of what", async () => {
    const typist = await TestTerminal.open(lodge, interactive, { role: "control", name: "auditor" });
    typist.type("a secret");
    await typist.shows("a secret");
    typist.type("\u007f".repeat("a secret".length));
    using _other = await TestTerminal.open(lodge, interactive, { name: "watcher" });
    typist[Symbol.dispose]();
    await _other.until(() => _other.last("viewers")?.viewers.length === 1);
    const text = await (await lodge.fetch(`/api/sessions/${interactive}/audit`)).text();
    const { entries } = JSON.parse(text) as { entries: { who: string; action: string; bytes: number | null }[] };
    const own = entries.filter(({ who }) => who === "auditor").map(({ action, bytes }) => [action, bytes]);
    expect(own.toReversed()).toEqual([
      ["took_control", null],
      ["attached", null],
      ["typed", 16],
      ["gave_up_control", null],
      ["left", null],
    ]);
    expect(text).not.toContain("secret");
  });

  test("a viewer's ticket gives no control", async () => {
    using viewer = await TestTerminal.open(lodge, interactive);
    viewer.send({ type: "control", action: "request" });
    const { event } = await viewer.until(() => viewer.last("control"));
    expect(event).toEqual({ name: "denied", reason: "viewer_only" });
    viewer.send({ type: "ping", sentAt: 12.5, rttMs: 3 });
    expect(await viewer.until(() => viewer.last("pong"))).toEqual({ type: "pong", sentAt: 12.5 });
  });

  test("what a person typed is no part of what a client goes on with", async () => {
    const ask = (messages: object[]) =>
      lodge.post(
        "/v1/chat/completions",
        { model: "haiku", messages },
        { "x-claude-driver": "terminal", "x-claude-mode": "model" },
      );
    const first = [{ role: "user", content: "echo: before" }];
    const began = await ask(first);
    const id = began.headers.get("x-claude-session") ?? "";
    await began.text();
    using person = await TestTerminal.open(lodge, id, { role: "control" });
    await person.shows("● before");
    person.type("echo: by hand\r");
    await person.shows("● by hand");
    const goesOn = await ask([
      ...first,
      { role: "assistant", content: "before" },
      { role: "user", content: "echo: after" },
    ]);
    await goesOn.text();
    expect(goesOn.headers.get("x-lodge-session-source")).toBe("forked");
    expect(goesOn.headers.get("x-claude-session")).not.toBe(id);
    expect(JSON.stringify(lodge.requests.at(-1)?.messages)).not.toContain("by hand");
  });
});

describe("a session without a terminal", () => {
  test("has a log of what goes on in it, and no keyboard", async () => {
    using viewer = await TestTerminal.open(lodge, streamed, { role: "control" });
    expect(viewer.last("ready")).toMatchObject({ driver: "stream", canControl: false, role: "viewer" });
    await viewer.shows("❯ echo: hello");
    await viewer.shows("● hello");
    await viewer.shows("tokens in");
    viewer.type("x");
    expect((await viewer.until(() => viewer.last("control"))).event).toEqual({ name: "denied", reason: "no_keyboard" });
  });
});

test("what a process ended with is told, with a terminal and without", async () => {
  for (const driver of ["stream", "terminal"]) {
    const id = await session(driver, "echo: hello");
    using viewer = await TestTerminal.open(lodge, id);
    const { session: found } = (await (await lodge.fetch(`/api/sessions/${id}`)).json()) as { session: SessionSummary };
    // The CLI ends itself when it gets this one, with a code of its own.
    process.kill(found.pid!, "SIGTERM");
    await viewer.until(() => viewer.closed);
    expect(viewer.last("state")?.state).toEqual({ name: "exited", code: 143 });
  }
});

describe("a socket is refused", () => {
  test("without a ticket, with one that was used, and with one for another session", async () => {
    expect((await attempt(interactive, "")).status).toBe(422);
    expect((await attempt(interactive, "made-up")).status).toBe(403);
    const ticket = await ticketFor(lodge, interactive, "viewer");
    expect((await attempt(streamed, ticket)).status).toBe(403);
    const socket = openSocket(lodge, interactive, ticket);
    await new Promise((resolve) => socket.addEventListener("open", resolve));
    expect((await attempt(interactive, ticket)).status).toBe(403);
    socket.close();
  });

  test("to a page of another origin, whose ticket stays good", async () => {
    const ticket = await ticketFor(lodge, interactive, "viewer");
    for (const origin of ["https://evil.example", "null", "http://127.0.0.1:1"]) {
      expect((await attempt(interactive, ticket, { origin })).status).toBe(403);
    }
    const socket = openSocket(lodge, interactive, ticket, { origin: lodge.url });
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", reject);
    });
    socket.close();
  });

  test("when the session has no process", async () => {
    const response = await lodge.post(`/api/terminals/${crypto.randomUUID()}/tickets`, { role: "viewer" });
    expect(response.status).toBe(404);
  });

  test("tickets need the token", async () => {
    const response = await fetch(`${lodge.url}/api/terminals/${interactive}/tickets`, { method: "POST" });
    expect(response.status).toBe(401);
  });
});

describe("a frame that is none of the protocol closes its own socket only:", () => {
  test.each<[string, string | Uint8Array<ArrayBuffer>, number]>([
    ["no JSON", "{", terminalClose.malformed],
    ["an unknown message", '{"type":"sing"}', terminalClose.malformed],
    ["a size out of bounds", '{"type":"resize","cols":1,"rows":100000}', terminalClose.malformed],
    ["an unknown opcode", new Uint8Array([99, 1]), terminalClose.malformed],
    ["an acknowledgement of what was not sent", '{"type":"ack","offset":9007199254740991}', terminalClose.malformed],
    ["a long text", "x".repeat(terminalLimits.textLength + 1), terminalClose.tooLarge],
    ["long input", new Uint8Array(terminalLimits.inputBytes + 2).fill(16), terminalClose.tooLarge],
  ])("%s", async (_, frame, code) => {
    using other = await TestTerminal.open(lodge, streamed);
    using viewer = await TestTerminal.open(lodge, streamed);
    viewer.raw(frame);
    expect((await viewer.until(() => viewer.closed)).code).toBe(code);
    other.send({ type: "ping", sentAt: 1 });
    await other.until(() => other.last("pong"));
    await other.until(() => other.last("viewers")?.viewers.length === 1);
  });
});

describe("a person", () => {
  const open = async (body: object): Promise<SessionSummary> => {
    const response = await lodge.post("/api/terminals", body);
    if (response.status !== 200) throw new Error(`not opened: ${response.status} ${await response.text()}`);
    return ((await response.json()) as { session: SessionSummary }).session;
  };
  const ask = (id: string, prompt: string) =>
    lodge.post(
      "/v1/chat/completions",
      { model: "haiku", messages: [{ role: "user", content: prompt }] },
      { "x-claude-session": id, "x-claude-mode": "agent" },
    );

  test("gets the interactive CLI in a workspace, and ends it", async () => {
    const { id } = await open({ workspace: "" });
    using person = await TestTerminal.open(lodge, id, { role: "control" });
    await person.until(() => person.last("state")?.state.name === "waiting" || person.text.includes("for shortcuts"));
    person.type("echo: opened by hand");
    await person.shows("echo: opened by hand");
    person.type("\r");
    await person.shows("● opened by hand");
    expect((await lodge.post(`/api/sessions/${id}/end`, {})).status).toBe(200);
    expect((await person.until(() => person.closed)).code).toBe(terminalClose.sessionEnded);
  });

  test("takes a session over, and gives it back with what both said", async () => {
    const first = await lodge.post(
      "/v1/chat/completions",
      { model: "haiku", messages: [{ role: "user", content: "echo: by a client" }] },
      { "x-claude-mode": "agent" },
    );
    const id = first.headers.get("x-claude-session") ?? "";
    await first.text();
    using watcher = await TestTerminal.open(lodge, id);
    expect(watcher.last("ready")?.driver).toBe("stream");
    expect(await open({ resume: id })).toMatchObject({ id, driver: "terminal" });
    expect((await watcher.until(() => watcher.closed)).code).toBe(terminalClose.takenOver);
    using person = await TestTerminal.open(lodge, id, { role: "control" });
    await person.shows("by a client");
    await person.until(
      () => person.last("state")?.state.name === "waiting" || person.last("ready")?.state.name === "waiting",
    );
    expect((await ask(id, "echo: meanwhile")).status).toBe(409);
    person.type("echo: by a person");
    await person.shows("❯ echo: by a person".slice(2));
    person.type("\r");
    await person.shows("● by a person");
    expect((await lodge.post(`/api/sessions/${id}/end`, {})).status).toBe(200);
    const back = await ask(id, "echo: by a client again");
    expect(back.status).toBe(200);
    await back.text();
    const told = JSON.stringify(lodge.requests.at(-1)?.messages);
    for (const words of ["by a client", "by a person", "by a client again"]) expect(told).toContain(words);
  });

  test("keeps what was typed and not sent, unless it is told not to", async () => {
    const { id } = await open({ workspace: "" });
    using person = await TestTerminal.open(lodge, id, { role: "control" });
    await person.shows("for shortcuts");
    person.type("a draft");
    await person.shows("a draft");
    const end = (unsent: string) => lodge.post(`/api/sessions/${id}/end?unsent=${unsent}`, {});
    const refused = await end("keep");
    expect(refused.status).toBe(409);
    expect(await refused.text()).toContain("text that was not sent");
    expect((await end("drop")).status).toBe(200);
    expect((await person.until(() => person.closed)).code).toBe(terminalClose.sessionEnded);
  });
});

describe("a recording", () => {
  const recordingsOf = async (id: string): Promise<RecordingSummary[]> => {
    const response = await lodge.fetch(`/api/recordings?session=${id}`);
    expect(response.status).toBe(200);
    return ((await response.json()) as { recordings: RecordingSummary[] }).recordings;
  };
  const castOf = async (id: string) => {
    const response = await lodge.fetch(`/api/recordings/${id}/cast`);
    expect(response.status).toBe(200);
    const [header, ...lines] = (await response.text()).trimEnd().split("\n");
    return {
      response,
      header: JSON.parse(header!) as { version: number; width: number },
      events: lines.map((line) => JSON.parse(line) as [number, string, string]),
    };
  };

  test("has what a terminal showed, what was typed and where turns began, also after the end", async () => {
    const id = await session("terminal", "echo: recorded");
    using person = await TestTerminal.open(lodge, id, { role: "control" });
    await person.shows("● recorded");
    person.type("echo: in the open");
    await person.shows("echo: in the open");
    person.type("\r");
    await person.shows("● in the open");
    const [live] = await recordingsOf(id);
    expect(live).toMatchObject({ sessionId: id, driver: "terminal", state: { name: "recording" }, hasInput: true });
    const soFar = await castOf(live!.id);
    expect(soFar.header.version).toBe(2);
    expect(soFar.events.map(([, code, data]) => (code === "i" ? data : "")).join("")).toBe("echo: in the open\r");
    const marks = soFar.events.filter(([, code]) => code === "m").map(([, , data]) => data);
    expect(marks).toEqual(["echo: recorded", "echo: in the open"]);

    await lodge.post(`/api/sessions/${id}/end`, {});
    await person.until(() => person.closed);
    let ended: RecordingSummary | undefined;
    while (ended?.state.name !== "complete") [ended] = await recordingsOf(id);
    const { response, events } = await castOf(ended.id);
    expect(response.headers.get("content-disposition")).toMatch(/^attachment; filename="lodge-[\w-]+\.cast"$/);
    expect(events.length).toBeGreaterThan(soFar.events.length);

    expect((await lodge.fetch(`/api/recordings/${ended.id}`, { method: "DELETE" })).status).toBe(200);
    for (const path of ["", "/cast"]) {
      expect((await lodge.fetch(`/api/recordings/${ended.id}${path}`)).status).toBe(404);
    }
    expect(await recordingsOf(id)).toEqual([]);
  });

  test("is there of a session without a terminal too", async () => {
    const [recording] = await recordingsOf(streamed);
    const { events } = await castOf(recording!.id);
    expect(events.map(([, code]) => code)).toContain("m");
    expect(events.map(([, , data]) => data).join("")).toContain("tokens in");
  });
});

test("the end of a session and of the server is told apart", async () => {
  using viewer = await TestTerminal.open(lodge, streamed);
  await lodge.restart();
  const { code } = await viewer.until(() => viewer.closed);
  expect([terminalClose.sessionEnded, terminalClose.goingAway]).toContain(code as never);
});
