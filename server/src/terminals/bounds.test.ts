// Nothing about a terminal grows without end, whatever the program and those who watch do: each bound is met here.
import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { limits, terminalClose, terminalLimits } from "@lodge/shared";
import { Emulator } from "../emulator/index.ts";
import { LiveTerminal } from "./live-terminal.ts";
import { Ring } from "./ring.ts";
import { TestSource, TestViewer } from "./testing/viewer.ts";

const megabyte = 1024 * 1024;

function start(size = { cols: 80, rows: 24 }) {
  const source = new TestSource(size);
  const terminal = new LiveTerminal({
    sessionId: crypto.randomUUID(),
    driver: "terminal",
    source,
    state: { name: "waiting" },
  });
  return { source, terminal };
}

describe("a viewer", () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  test("that says no hello is closed", () => {
    const { terminal } = start();
    using _terminal = terminal;
    using viewer = new TestViewer(terminal).open();
    jest.advanceTimersByTime(terminalLimits.helloMs - 1);
    expect(viewer.closed).toBeUndefined();
    jest.advanceTimersByTime(1);
    expect(viewer.closed).toBe(terminalClose.malformed);
    expect(terminal.viewers.size).toBe(0);
  });

  test("that acknowledges nothing for long is closed, one that gets on is not", async () => {
    const { source, terminal } = start();
    using _terminal = terminal;
    using slow = new TestViewer(terminal, { acknowledges: false }).connect();
    using quick = new TestViewer(terminal).connect();
    await terminal.snapshot();
    await flood();
    jest.advanceTimersByTime(20_000);
    slow.acknowledge();
    jest.advanceTimersByTime(20_000);
    // It got on in between, and has its whole time again.
    expect(slow.closed).toBeUndefined();
    await flood();
    jest.advanceTimersByTime(30_000);
    expect(slow.closed).toBe(terminalClose.tooSlow);
    expect(quick.closed).toBeUndefined();
    expect([...terminal.viewers]).toEqual([quick.viewer!]);

    async function flood() {
      for (let count = 0; count < 5; count++) {
        source.write(new Uint8Array(terminalLimits.outputBytes));
        const parsed = terminal.snapshot().then(() => true);
        const soon = () => new Promise<false>((resolve) => setImmediate(resolve, false));
        // A flood rests now and then.
        while (!(await Promise.race([parsed, soon()]))) jest.advanceTimersByTime(1);
      }
    }
  });
});

test("a client that asks and asks and never reads an answer is closed", () => {
  const { terminal } = start();
  using _terminal = terminal;
  using viewer = new TestViewer(terminal).connect();
  viewer.buffered = 2 * megabyte;
  let pings = 0;
  while (viewer.closed === undefined && pings < 100_000) viewer.tell({ type: "ping", sentAt: pings++ });
  expect(viewer.closed).toBe(terminalClose.tooSlow);
  expect(pings).toBeLessThan(20_000);
  // One that reads may ask as often as it likes.
  using other = new TestViewer(terminal).connect();
  for (let ping = 0; ping < 20_000; ping++) other.tell({ type: "ping", sentAt: ping });
  expect(other.closed).toBeUndefined();
});

test("what a program does not read is not kept for it, and whoever typed it is told", () => {
  const { source, terminal } = start();
  using _terminal = terminal;
  using viewer = new TestViewer(terminal, { role: "control" }).connect();
  source.reads = false;
  viewer.viewer?.receive(new Uint8Array([16, 0x61]));
  const told = viewer.messages.filter((message) => message.type === "control");
  expect(told).toEqual([{ type: "control", event: { name: "denied", reason: "unread" } }]);
  source.reads = true;
  viewer.viewer?.receive(new Uint8Array([16, 0x62]));
  expect(source.typed).toEqual(["b"]);
});

test("the ring keeps so many bytes, and of changes of size no more than would take their place", () => {
  const ring = new Ring(64 * 100);
  for (let count = 0; count < 10_000; count++) ring.resize({ cols: 80, rows: 24 });
  expect([ring.end, ring.end - ring.start]).toEqual([10_000, 100]);
  for (let count = 0; count < 1000; count++) ring.write(new Uint8Array(640));
  expect(ring.end - ring.start).toBe(6400);
  expect([ring.reaches(ring.start), ring.reaches(ring.start - 1), ring.reaches(ring.end + 1)]).toEqual([
    true,
    false,
    false,
  ]);
});

test("of a sequence that never ends only the beginning is kept", async () => {
  using emulator = new Emulator({ cols: 80, rows: 24 });
  emulator.write(new TextEncoder().encode("\u001b]2;"));
  for (let count = 0; count < 64; count++) emulator.write(new Uint8Array(64 * 1024).fill(0x78));
  const snapshot = await emulator.snapshot();
  expect(snapshot?.offset).toBe(4 + 4 * megabyte);
  expect(snapshot?.state.length).toBeLessThan(64 * 1024);
});

test("lines beyond the scrollback are given up, and a title is cut", async () => {
  const { source, terminal } = start({ cols: 20, rows: 5 });
  using _terminal = terminal;
  using viewer = new TestViewer(terminal).connect();
  source.write(`\u001b]2;${"long ".repeat(10_000)}\u0007`);
  source.write(Array.from({ length: 12_000 }, (_, line) => `line ${line}`).join("\r\n"));
  await terminal.snapshot();
  using late = new TestViewer(terminal).connect();
  const title = late.messages.find((message) => message.type === "title");
  expect(title?.type === "title" && title.title.length).toBe(limits.text);
  await terminal.snapshot();
  await new Promise((resolve) => setImmediate(resolve));
  await late.emulator?.snapshot();
  const { length } = late.emulator!.terminal.buffer.normal;
  expect(length).toBe(terminalLimits.scrollback + 5);
  expect(viewer.closed).toBeUndefined();
});
