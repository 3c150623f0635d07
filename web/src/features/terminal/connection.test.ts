import { describe, expect, test } from "bun:test";
import {
  encodeOutput,
  encodeScreen,
  encodeSnapshot,
  type TerminalClientMessage,
  terminalLimits,
  type TerminalServerMessage,
} from "@lodge/shared";
import { ApiFailure } from "../../lib/api-failure.ts";
import type { Clock } from "../../lib/live-events.ts";
import { createStore } from "../../lib/store.ts";
import { type SocketListener, TerminalConnection } from "./connection.ts";
import { unknownTerminal } from "./view.ts";

function manualClock(): Clock & { pass(ms: number): Promise<void> } {
  let now = 1_000_000;
  const timers = new Set<{ at: number; action: () => void }>();
  return {
    now: () => now,
    after(ms, action) {
      const timer = { at: now + ms, action };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    async pass(ms) {
      now += ms;
      for (const timer of [...timers].filter(({ at }) => at <= now)) if (timers.delete(timer)) timer.action();
      await settle();
    },
  };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

const viewer = { id: crypto.randomUUID(), role: "control" as const, name: "Ann", since: 1, rttMs: null };
const stream = crypto.randomUUID();
const me = crypto.randomUUID();

/** A connection to a server that the test plays. */
async function connect(refusals: unknown[] = []) {
  const clock = manualClock();
  const view = createStore(unknownTerminal);
  const shown: string[] = [];
  const lines: { listener: SocketListener; sent: TerminalClientMessage[]; typed: string[]; closed: boolean }[] = [];
  const state = { tickets: 0, unauthorized: 0 };
  const show = (bytes: Uint8Array, done: () => void) => {
    if (bytes.length > 0) shown.push(new TextDecoder().decode(bytes));
    queueMicrotask(done);
  };
  const connection = new TerminalConnection({
    view,
    clock,
    random: () => 1,
    screen: {
      write: show,
      restore: show,
      resize: (cols, rows) => shown.push(`${cols}x${rows}`),
      reset: () => shown.push("reset"),
      async painted() {
        shown.push("painted");
      },
    },
    async ticket() {
      state.tickets++;
      const refusal = refusals.shift();
      if (refusal !== undefined) throw refusal;
      return "ticket";
    },
    open(_ticket, listener) {
      const line: (typeof lines)[number] = { listener, sent: [], typed: [], closed: false };
      lines.push(line);
      return {
        send(data) {
          if (typeof data === "string") line.sent.push(JSON.parse(data) as TerminalClientMessage);
          else line.typed.push(new TextDecoder().decode(data.subarray(1)));
        },
        close: () => void (line.closed = true),
      };
    },
    onUnauthorized: () => void state.unauthorized++,
  });
  await settle();

  const line = () => lines.at(-1)!;
  const say = (message: TerminalServerMessage) => line().listener.onMessage(JSON.stringify(message));
  const output = async (offset: number, text: string) => {
    line().listener.onMessage(encodeOutput(offset, new TextEncoder().encode(text)).buffer);
    await settle();
  };
  const snapshot = async (offset: number, text: string) => {
    const bytes = new TextEncoder().encode(text);
    line().listener.onMessage(encodeSnapshot({ offset, cols: 80, rows: 24, gzip: false, state: bytes }).buffer);
    await settle();
  };
  const ready = (changes: Partial<Extract<TerminalServerMessage, { type: "ready" }>> = {}) => {
    line().listener.onOpen();
    say({
      type: "ready",
      sessionId: me,
      viewerId: me,
      stream,
      resumed: false,
      offset: 0,
      cols: 80,
      rows: 24,
      role: "viewer",
      driver: "terminal",
      canControl: true,
      state: { name: "running" },
      ...changes,
    });
  };
  const sent = (type: TerminalClientMessage["type"]) => line().sent.filter((message) => message.type === type);
  return { clock, view, shown, lines, line, state, connection, say, output, snapshot, ready, sent };
}

describe("a line", () => {
  test("begins with a snapshot and goes on from there, each byte once", async () => {
    const { ready, snapshot, output, shown, sent, view } = await connect();
    ready();
    await output(0, "before the snapshot");
    await snapshot(10, "screen");
    await output(10, "abc");
    await output(11, "bcd");
    await output(11, "bc");
    expect(shown).toEqual(["reset", "80x24", "screen", "abc", "d"]);
    expect(sent("hello")).toMatchObject([{ stream: null, offset: null, role: "viewer" }]);
    expect(sent("ack").at(-1)).toEqual({ type: "ack", offset: 14 });
    expect(view.get().line).toEqual({ status: "live" });
  });

  test("shows the screen of a large snapshot first, and then all of it without an empty one between", async () => {
    const { ready, snapshot, output, line, shown, sent } = await connect();
    ready();
    const state = new TextEncoder().encode("the screen");
    line().listener.onMessage(encodeScreen({ cols: 80, rows: 24, state }).buffer);
    await snapshot(10, "all of it");
    await output(10, "a");
    expect(shown).toEqual(["reset", "80x24", "the screen", "painted", "80x24", "all of it", "a"]);
    expect(sent("ack")).toEqual([
      { type: "ack", offset: 10 },
      { type: "ack", offset: 11 },
    ]);
    shown.length = 0;
    await snapshot(20, "another");
    expect(shown).toEqual(["reset", "80x24", "another"]);
  });

  test("changes the size after what came before it, and counts it", async () => {
    const { ready, snapshot, output, say, shown } = await connect();
    ready();
    await snapshot(0, "screen");
    await output(0, "a");
    say({ type: "resize", offset: 1, cols: 100, rows: 30 });
    await output(2, "b");
    expect(shown.slice(2)).toEqual(["screen", "a", "100x30", "b"]);
  });

  test("with a hole in it is given up for a snapshot", async () => {
    const { ready, snapshot, output, clock, lines, line, sent } = await connect();
    ready();
    await snapshot(0, "screen");
    await output(5, "late");
    expect(line().closed).toBe(true);
    await clock.pass(500);
    line().listener.onOpen();
    expect(lines).toHaveLength(2);
    expect(sent("hello")).toMatchObject([{ stream: null, offset: null }]);
  });

  test("that breaks is taken up where it was", async () => {
    const { ready, snapshot, output, clock, line, shown, view, sent } = await connect();
    ready();
    await snapshot(0, "screen");
    await output(0, "abc");
    line().listener.onClose(1006);
    expect(view.get().line).toMatchObject({ status: "reconnecting", retryAt: clock.now() + 500 });
    await clock.pass(500);
    ready({ resumed: true, offset: 3 });
    await output(3, "def");
    expect(sent("hello")).toMatchObject([{ stream, offset: 3 }]);
    expect(shown.slice(2)).toEqual(["screen", "abc", "def"]);
  });

  test("that breaks before its first snapshot begins with one", async () => {
    const { ready, line, clock, sent } = await connect();
    ready();
    line().listener.onClose(1006);
    await clock.pass(500);
    line().listener.onOpen();
    expect(sent("hello")).toMatchObject([{ stream: null, offset: null }]);
  });

  test("of which nothing is heard is given up; one that answers is not", async () => {
    const { ready, clock, say, line, lines, view, sent } = await connect();
    ready();
    for (let round = 0; round < 5; round++) {
      await clock.pass(5000);
      say({ type: "pong", sentAt: clock.now() - 12 });
    }
    expect(view.get()).toMatchObject({ line: { status: "live" }, rttMs: 12 });
    expect(sent("ping").at(-1)).toMatchObject({ rttMs: 12 });
    await clock.pass(15_000);
    expect(line().closed).toBe(true);
    expect(view.get().line.status).toBe("reconnecting");
    await clock.pass(500);
    expect(lines).toHaveLength(2);
  });
});

describe("after a close", () => {
  test.each([
    [4410, "no_process"],
    [4403, "not_allowed"],
    [4400, "protocol"],
    [1009, "protocol"],
  ])("with %d it stops: %s", async (code, type) => {
    const { ready, line, lines, clock, view } = await connect();
    ready();
    line().listener.onClose(code);
    await clock.pass(60_000);
    expect(view.get()).toMatchObject({ line: { status: "ended", ending: { type } }, role: "viewer" });
    expect(lines).toHaveLength(1);
  });

  test.each([1001, 1006, 4408])("with %d it comes again", async (code) => {
    const { ready, line, lines, clock } = await connect();
    ready();
    line().listener.onClose(code);
    await clock.pass(500);
    expect(lines).toHaveLength(2);
  });

  test("for another process it comes again at once, but does not hammer", async () => {
    const { ready, line, lines, clock } = await connect();
    ready();
    await clock.pass(3000);
    line().listener.onClose(4409);
    await settle();
    expect(lines).toHaveLength(2);
    ready();
    line().listener.onClose(4409);
    await settle();
    expect(lines).toHaveLength(2);
  });

  test("the pauses grow while nothing comes of it", async () => {
    const unreachable = () => new ApiFailure(0, "No answer.");
    const { clock, view, state } = await connect([unreachable(), unreachable(), unreachable()]);
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 3; attempt++) {
      const { line } = view.get();
      if (line.status !== "reconnecting") throw new Error(line.status);
      waits.push(line.retryAt - clock.now());
      await clock.pass(line.retryAt - clock.now());
    }
    expect(waits).toEqual([500, 1000, 2000]);
    expect(state.tickets).toBe(4);
  });

  test.each([
    [404, { status: "ended", ending: { type: "no_process" } }],
    [403, { status: "ended", ending: { type: "refused", message: "No." } }],
    [503, { status: "reconnecting" }],
  ] as const)("a ticket refused with %d", async (status, line) => {
    const { view } = await connect([new ApiFailure(status, "No.")]);
    expect(view.get().line).toMatchObject(line);
  });

  test("a login that ended is told, and nothing more is tried", async () => {
    const { state, clock } = await connect([new ApiFailure(401, "No.")]);
    await clock.pass(60_000);
    expect(state).toEqual({ tickets: 1, unauthorized: 1 });
  });
});

describe("the control", () => {
  test("is taken by typing where nobody has it, and no key is lost", async () => {
    const { ready, say, line, connection, sent } = await connect();
    ready();
    for (const key of ["a", "b"]) connection.input(new TextEncoder().encode(key));
    expect(sent("control")).toEqual([{ type: "control", action: "request" }]);
    expect(line().typed).toEqual([]);
    say({ type: "control", event: { name: "granted" } });
    connection.input(new TextEncoder().encode("c"));
    expect(line().typed).toEqual(["a", "b", "c"]);
  });

  test("is not taken from somebody by typing", async () => {
    const { ready, say, connection, sent, view, line } = await connect();
    ready();
    say({ type: "viewers", viewers: [viewer] });
    connection.input(new TextEncoder().encode("a"));
    expect(sent("control")).toEqual([]);
    expect(view.get().notice).toEqual({ type: "typed" });
    connection.takeControl();
    say({ type: "control", event: { name: "granted" } });
    expect(view.get()).toMatchObject({ role: "control", notice: null });
    expect(line().typed).toEqual([]);
  });

  test("that somebody took is told to who had it, and asked for again after a broken line", async () => {
    const { ready, say, view, connection, line, clock, sent } = await connect();
    ready({ role: "control" });
    line().listener.onClose(1006);
    await clock.pass(500);
    ready({ role: "control" });
    expect(sent("hello")).toMatchObject([{ role: "control" }]);
    say({ type: "control", event: { name: "taken", by: viewer } });
    expect(view.get()).toMatchObject({ role: "viewer", notice: { type: "taken", by: "Ann" } });
    connection.dismissNotice();
    expect(view.get().notice).toBeNull();
  });

  test("comes with the size of the window, once that has settled", async () => {
    const { ready, say, connection, clock, sent } = await connect();
    ready();
    connection.fit(100, 30);
    connection.fit(101, 31);
    connection.fit(9999, 0);
    await clock.pass(150);
    expect(sent("resize")).toEqual([{ type: "resize", cols: terminalLimits.maxCols, rows: terminalLimits.minRows }]);
    say({ type: "control", event: { name: "granted" } });
    expect(sent("resize")).toHaveLength(2);
  });

  test("large pastes go in several frames", async () => {
    const { ready, connection, line } = await connect();
    ready({ role: "control" });
    connection.input(new TextEncoder().encode("x".repeat(150_000)));
    expect(line().typed.map((text) => text.length)).toEqual([65_536, 65_536, 18_928]);
  });
});

test("a disposed connection hears and says nothing more", async () => {
  const { ready, connection, line, clock, lines, shown } = await connect();
  ready();
  connection[Symbol.dispose]();
  line().listener.onMessage(encodeOutput(0, new Uint8Array([65])).buffer);
  line().listener.onClose(1006);
  await clock.pass(60_000);
  expect(line().closed).toBe(true);
  expect({ lines: lines.length, shown }).toEqual({ lines: 1, shown: [] });
});
