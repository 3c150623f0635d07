// One terminal, many viewers: all see the same, none waits for another, and nothing grows without end.
import { expect, test } from "bun:test";
import { terminalClose, terminalLimits } from "@lodge/shared";
import fc from "fast-check";
import { firstSize, output, stateOf, type Step } from "../emulator/testing/output.ts";
import { LiveTerminal } from "./live-terminal.ts";
import { TestSource, TestViewer } from "./testing/viewer.ts";

const megabyte = 1024 * 1024;
/** So many bytes of a sequence without effect: quick to parse. */
const filler = (bytes: number): string => `\u001b]7777;${"x".repeat(bytes - 8)}\u0007`;

function start(size = { cols: 80, rows: 24 }, typed?: (bytes: number) => void) {
  const source = new TestSource(size);
  const terminal = new LiveTerminal({
    sessionId: crypto.randomUUID(),
    driver: "terminal",
    source,
    state: { name: "waiting" },
    observer: {
      attached: () => {},
      left: () => {},
      controlTaken: () => {},
      controlGivenUp: () => {},
      typed: (_viewer, bytes) => typed?.(bytes),
    },
  });
  return { source, terminal };
}

/** Everything that was written so far has reached everyone who keeps up. */
async function settle(terminal: LiveTerminal): Promise<void> {
  await terminal.snapshot();
  await new Promise((resolve) => setImmediate(resolve));
}

const screenOf = async (viewer: TestViewer): Promise<object> => {
  await viewer.emulator?.snapshot();
  if (!viewer.emulator) throw new Error("the viewer has seen nothing");
  return stateOf(viewer.emulator.terminal);
};

type Act = Step | { type: "drop" } | { type: "connect" };
const acts = fc
  .tuple(
    output,
    fc.array(fc.tuple(fc.nat(), fc.constantFrom<Act>({ type: "drop" }, { type: "connect" })), { maxLength: 8 }),
  )
  .map(([steps, changes]) => {
    const all: Act[] = [...steps];
    for (const [at, change] of changes) all.splice(at % (all.length + 1), 0, change);
    return all;
  });

test("a viewer that comes and goes ends with what one that stayed has", async () => {
  await fc.assert(
    fc.asyncProperty(acts, async (all) => {
      const { source, terminal } = start(firstSize);
      using _terminal = terminal;
      using steady = new TestViewer(terminal).connect();
      using restless = new TestViewer(terminal).connect();
      for (const act of all) {
        if (act.type === "write") source.write(act.bytes);
        else if (act.type === "resize") terminal.resize(act);
        else if (act.type === "drop") restless.drop();
        else if (!restless.viewer) restless.connect();
        if (act.type !== "write" || act.bytes.length % 2 === 0) await settle(terminal);
      }
      if (!restless.viewer) restless.connect();
      await settle(terminal);
      await settle(terminal);
      expect(restless.offset).toBe(steady.offset);
      expect(await screenOf(restless)).toEqual(await screenOf(steady));
    }),
    // As in the emulator's own test.
    { seed: 1, numRuns: 150 },
  );
});

test("one who was away for longer than the ring reaches gets a snapshot, one who was not gets what was missed", async () => {
  const { source, terminal } = start();
  using _terminal = terminal;
  using viewer = new TestViewer(terminal).connect();
  await settle(terminal);
  viewer.drop();
  source.write("x".repeat(1000));
  await settle(terminal);
  viewer.connect();
  await settle(terminal);
  expect([viewer.snapshots, viewer.outputBytes]).toEqual([1, 1000]);
  viewer.drop();
  for (let count = 0; count < 24; count++) source.write(filler(megabyte / 8));
  await settle(terminal);
  expect(terminal.ring.end - terminal.ring.start).toBeLessThanOrEqual(2 * megabyte);
  viewer.connect();
  await settle(terminal);
  expect([viewer.snapshots, viewer.outputBytes]).toEqual([2, 1000]);
});

test("an offset of another process's stream is worth nothing", async () => {
  const { terminal } = start();
  using _terminal = terminal;
  using viewer = new TestViewer(terminal).connect();
  await settle(terminal);
  const resumedWith = (stream: string): boolean => {
    viewer.drop();
    viewer.connect(undefined, stream);
    const ready = viewer.messages.findLast((message) => message.type === "ready");
    return ready?.type === "ready" && ready.resumed;
  };
  expect(resumedWith(terminal.stream)).toBe(true);
  expect(resumedWith(start().terminal.stream)).toBe(false);
});

test("a viewer that acknowledges nothing is skipped forward and holds up nobody", async () => {
  const { source, terminal } = start();
  using _terminal = terminal;
  using slow = new TestViewer(terminal, { acknowledges: false }).connect();
  using quick = new TestViewer(terminal).connect();
  await settle(terminal);
  const written = 3.5 * megabyte;
  for (let at = 0; at < written; at += megabyte / 8) {
    source.write(filler(megabyte / 8));
    await settle(terminal);
  }
  expect(quick.offset).toBe(written);
  expect(slow.offset).toBeLessThanOrEqual(terminalLimits.windowBytes + terminalLimits.outputBytes);
  const before = slow.offset;
  slow.acknowledge();
  await settle(terminal);
  expect(slow.snapshots).toBe(2);
  expect(slow.offset).toBe(written);
  expect(slow.outputBytes).toBe(before);
  expect(await screenOf(slow)).toEqual(await screenOf(quick));
});

test("the title is told to everyone, and to whoever comes later", async () => {
  const { source, terminal } = start();
  using _terminal = terminal;
  using viewer = new TestViewer(terminal).connect();
  source.write("\u001b]2;a title\u0007");
  await settle(terminal);
  using late = new TestViewer(terminal).connect();
  const told = (one: TestViewer) =>
    one.messages.some((message) => message.type === "title" && message.title === "a title");
  expect(told(late)).toBe(true);
  const deadline = performance.now() + 10_000;
  while (!told(viewer) && performance.now() < deadline) await new Promise((resolve) => setImmediate(resolve));
  expect(told(viewer)).toBe(true);
});

test("nothing is added to a socket whose buffer is full", async () => {
  const { source, terminal } = start();
  using _terminal = terminal;
  using viewer = new TestViewer(terminal).connect();
  await settle(terminal);
  viewer.buffered = 2 * megabyte;
  source.write("held back");
  await settle(terminal);
  expect(viewer.offset).toBe(0);
  viewer.buffered = 0;
  viewer.viewer?.pump();
  expect(viewer.offset).toBe(9);
});

test("a flood stops the program until the screen has caught up, and loses nothing", async () => {
  const { source, terminal } = start();
  using _terminal = terminal;
  let written = 0;
  while (!source.paused && written < 64 * megabyte) {
    source.write("0123456789abcdef".repeat(4096));
    written += 65_536;
  }
  // What waits for the emulator is what may wait for it, and the last chunk.
  expect(written).toBeLessThan(4 * megabyte);
  await settle(terminal);
  while (source.paused) await new Promise((resolve) => setImmediate(resolve));
  expect(source.pauses).toBe(1);
  const snapshot = await terminal.snapshot();
  expect(snapshot?.offset).toBe(written);
});

test("a program that never pauses keeps nobody from seeing its screen", async () => {
  const { source, terminal } = start();
  using _terminal = terminal;
  // More each time than is parsed until the next.
  let turns = 0;
  const more = (): void => {
    source.write(filler(512 * 1024));
    if (++turns < 300) setImmediate(more);
  };
  more();
  using viewer = new TestViewer(terminal).connect();
  const isPatient = () => turns < 300;
  while (viewer.snapshots === 0 && isPatient()) await new Promise((resolve) => setImmediate(resolve));
  expect(turns).toBeLessThan(300);
  turns = 300;
});

test("only the one in control types and sets the size, once it has settled", async () => {
  let typed = 0;
  const { source, terminal } = start(undefined, (bytes) => {
    typed += bytes;
  });
  using _terminal = terminal;
  using first = new TestViewer(terminal, { role: "control" }).connect({ cols: 100, rows: 30 });
  using second = new TestViewer(terminal, { role: "control" }).connect({ cols: 30, rows: 10 });
  const input = new Uint8Array([16, 0x68, 0x69]);
  second.viewer?.receive(input);
  first.viewer?.receive(input);
  for (let cols = 90; cols > 60; cols--) first.tell({ type: "resize", cols, rows: 20 });
  second.tell({ type: "resize", cols: 20, rows: 5 });
  const deadline = performance.now() + 10_000;
  while (source.sizes.length === 0 && performance.now() < deadline)
    await new Promise((resolve) => setImmediate(resolve));
  expect(source.sizes).toEqual([{ cols: 61, rows: 20 }]);
  expect(source.typed).toEqual(["hi"]);
  expect(typed).toBe(2);
  expect(second.messages.filter(({ type }) => type === "control")).toEqual([
    { type: "control", event: { name: "denied", reason: "not_in_control" } },
  ]);
});

test("there are only so many viewers, and only so many keystrokes in a frame", async () => {
  const { terminal } = start();
  using _terminal = terminal;
  const viewers = Array.from({ length: terminalLimits.viewers }, () => new TestViewer(terminal).connect());
  using late = new TestViewer(terminal).connect();
  expect(late.closed).toBe(terminalClose.notAllowed);
  for (const viewer of viewers) viewer.drop();
  expect(terminal.viewers.size).toBe(0);
  using next = new TestViewer(terminal, { role: "control" }).connect();
  next.viewer?.receive(new Uint8Array(terminalLimits.inputBytes + 2).fill(16));
  expect(next.closed).toBe(terminalClose.tooLarge);
});

test("what breaks the emulator breaks nothing else", async () => {
  const { source, terminal } = start({ cols: 10, rows: 3 });
  using _terminal = terminal;
  source.write("one\u001b[3;10H\u001b[1J\u001b[Htwo");
  const snapshot = await terminal.snapshot();
  expect(new TextDecoder().decode(snapshot?.state)).toContain("two");
  expect(new TextDecoder().decode(snapshot?.state)).not.toContain("one");
});
