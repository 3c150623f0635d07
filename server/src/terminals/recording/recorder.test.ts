// A recording holds what a terminal showed, byte for byte, in bounded files, and never stands in the terminal's way.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { appendFile, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { Emulator } from "../../emulator/index.ts";
import { firstSize, output, stateOf } from "../../emulator/testing/output.ts";
import { openDatabase } from "../../store/database.ts";
import { RecordingStore } from "../../store/recording-store.ts";
import { LiveTerminal } from "../live-terminal.ts";
import { TestSource, TestViewer } from "../testing/viewer.ts";
import { readCast } from "./read.ts";
import { Recorder } from "./recorder.ts";
import { Recordings, type RecordingsOptions } from "./recordings.ts";
import { Segments } from "./segments.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lodge-recordings-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type CastLine = [time: number, code: string, data: string];

interface Cast {
  header: { version: number; width: number; height: number; timestamp: number };
  events: CastLine[];
}

async function parse(text: AsyncIterable<string>): Promise<Cast> {
  const whole = (await Array.fromAsync(text)).join("");
  expect(whole.endsWith("\n")).toBe(true);
  const [header, ...events] = whole.trimEnd().split("\n");
  return { header: JSON.parse(header!) as Cast["header"], events: events.map((line) => JSON.parse(line) as CastLine) };
}

/** The state that a player comes to which knows what our snapshots say beside their text. */
async function played({ header, events }: Cast): Promise<object> {
  using emulator = new Emulator({ cols: header.width, rows: header.height });
  for (const [, code, data] of events) {
    if (code === "o") emulator.restore(new TextEncoder().encode(data));
    if (code !== "r") continue;
    const [cols, rows] = data.split("x").map(Number);
    emulator.resize({ cols: cols!, rows: rows! });
  }
  await emulator.snapshot();
  return stateOf(emulator.terminal);
}

const settled = async (terminal: LiveTerminal): Promise<object> => {
  const viewer = new TestViewer(terminal).connect();
  await terminal.snapshot();
  await terminal.snapshot();
  await viewer.emulator!.snapshot();
  return stateOf(viewer.emulator!.terminal);
};

let made = 0;
const newFolder = () => join(folder, String(made++));

/** One terminal with its recorder, whose segments are small. */
function record({ segmentBytes = 300, most = 1000, size = { cols: 80, rows: 24 }, base = newFolder() } = {}) {
  const problems: unknown[] = [];
  const source = new TestSource(size);
  let recorder: Recorder | undefined;
  const terminal = new LiveTerminal({
    sessionId: crypto.randomUUID(),
    driver: "terminal",
    source,
    state: { name: "waiting" },
    record: (recorded) =>
      (recorder = new Recorder({
        recorded,
        segments: new Segments(base, most),
        segmentBytes,
        withInput: true,
        title: "a test",
        now: Date.now,
        onBegin: () => {},
        onSegment: () => {},
        onEnd: () => {},
        onProblem: (error) => problems.push(error),
      })),
  });
  return { base, source, terminal, problems, recorder: recorder! };
}

/** All of them on one data folder. */
function manage(options: Partial<RecordingsOptions> = {}) {
  const problems: unknown[] = [];
  const recordings = new Recordings({
    store: new RecordingStore(openDatabase(":memory:")),
    folder: newFolder(),
    mode: "all",
    maxBytes: 1024 ** 3,
    keepMs: 60_000,
    maxLive: 4,
    onProblem: (error) => problems.push(error),
    ...options,
  });
  const open = (sessionId: string = crypto.randomUUID()) => {
    const source = new TestSource({ cols: 80, rows: 24 });
    const terminal = new LiveTerminal({
      sessionId,
      driver: "terminal",
      source,
      state: { name: "waiting" },
      record: (recorded) => recordings.record(recorded),
    });
    return { source, terminal, sessionId };
  };
  return { recordings, problems, open };
}

/** Until it is seen; the test's own limit ends the wait. */
async function until<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const textOf = ({ events }: Cast, wanted = "o"): string =>
  events.map(([, code, data]) => (code === wanted ? data : "")).join("");

test("what is played comes to the very screen of the terminal, however often a new segment began", async () => {
  await fc.assert(
    fc.asyncProperty(output, async (steps) => {
      const { base, source, terminal, recorder, problems } = record({ size: firstSize });
      for (const [index, step] of steps.entries()) {
        if (step.type === "write") source.write(step.bytes);
        else terminal.resize(step);
        if (index % 3 > 0) continue;
        await terminal.snapshot();
        await recorder.flush();
      }
      source.write("x");
      const state = await settled(terminal);
      terminal[Symbol.dispose]();
      await recorder.finish();
      expect(problems).toEqual([]);
      expect(recorder.state).toEqual({ name: "complete" });
      expect(await played(await parse(readCast(base)))).toEqual(state);
      // Without its first half too.
      const names = (await readdir(base)).toSorted();
      for (const name of names.slice(0, Math.floor(names.length / 2))) await rm(join(base, name));
      expect(await played(await parse(readCast(base)))).toEqual(state);
    }),
    { numRuns: 60 },
  );
});

test("a segment that begins while the screen is behind misses nothing, and repeats nothing", async () => {
  const { base, source, terminal, recorder, problems } = record({ segmentBytes: 200_000 });
  for (let piece = 0; piece < 8; piece++) {
    // More than is put on the screen at once.
    source.write(
      Array.from({ length: 6000 }, (_, line) => `piece ${piece}, line ${line}, and so on, and so on\r\n`).join(""),
    );
    const flushed = recorder.flush();
    // The first fills a segment; the next begins with what comes after it, before the screen has caught up.
    await (piece === 0 ? flushed : new Promise((resolve) => setImmediate(resolve)));
  }
  source.write("the end");
  const state = await settled(terminal);
  terminal[Symbol.dispose]();
  await recorder.finish();
  expect(problems).toEqual([]);
  const names = (await readdir(base)).toSorted();
  expect(names.length).toBeGreaterThan(1);
  expect(await played(await parse(readCast(base)))).toEqual(state);
  for (const name of names.slice(0, -1)) {
    await rm(join(base, name));
    const cast = await parse(readCast(base));
    expect(await played(cast)).toEqual(state);
  }
});

const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );

test("one that ends while it is being written is on disk to its end", async () => {
  const { base, source, terminal, recorder } = record({ segmentBytes: 1e9 });
  source.write("x".repeat(4_000_000));
  void recorder.flush();
  // All of it has been taken to be written, and some of it is.
  await until(async () => ((await sizeOf(join(base, "000000.cast"))) > 100_000 ? true : undefined));
  terminal[Symbol.dispose]();
  await recorder.finish();
  expect(textOf(await parse(readCast(base)))).toHaveLength(4_000_000);
});

test("a character that comes in two pieces is one, also where a segment ends between them", async () => {
  const { base, source, terminal, recorder } = record({ segmentBytes: 10 });
  const bytes = new TextEncoder().encode("漢字👍é");
  for (const byte of bytes) {
    source.write(Uint8Array.of(byte));
    terminal.resize({ cols: terminal.size.cols === 80 ? 81 : 80, rows: 24 });
    await recorder.flush();
  }
  terminal[Symbol.dispose]();
  await recorder.finish();
  expect((await readdir(base)).length).toBeGreaterThan(3);
  expect(textOf(await parse(readCast(base)))).toBe("漢字👍é");
});

test("what was typed, changes of size and marks have their places", async () => {
  const { base, source, terminal, recorder } = record();
  source.write("before");
  const viewer = new TestViewer(terminal).connect();
  terminal.input(viewer.viewer!, new TextEncoder().encode("typed"));
  terminal.resize({ cols: 100, rows: 30 });
  recorder.mark("a  turn\nbegins");
  source.write("after");
  await terminal.snapshot();
  terminal[Symbol.dispose]();
  await recorder.finish();
  const { header, events } = await parse(readCast(base));
  expect(header).toMatchObject({ version: 2, width: 80, height: 24 });
  expect(events.map(([, code, data]) => [code, data])).toEqual([
    ["o", "before"],
    ["i", "typed"],
    ["r", "100x30"],
    ["m", "a turn begins"],
    ["o", "after"],
  ]);
  expect(events.map(([time]) => time)).toEqual(events.map(([time]) => time).toSorted((a, b) => a - b));
});

test("one that grows without end keeps its latest segments, and its time begins with them", async () => {
  const { base, source, terminal, recorder } = record({ segmentBytes: 20_000, most: 3 });
  for (let line = 0; line < 3000; line++) {
    source.write(`line ${line} ${"x".repeat(40)}\r\n`);
    if (line % 100 < 99) continue;
    await terminal.snapshot();
    await recorder.flush();
  }
  const state = await settled(terminal);
  terminal[Symbol.dispose]();
  await recorder.finish();
  expect(await readdir(base)).toHaveLength(3);
  const cast = await parse(readCast(base));
  expect(cast.events[0]![0]).toBe(0);
  expect(await played(cast)).toEqual(state);
});

test("a disk that is full ends the recording once and for all, and nothing else", async () => {
  const base = newFolder();
  await mkdir(base);
  await symlink("/dev/full", join(base, "000000.cast"));
  const { source, terminal, recorder, problems } = record({ base });
  using _terminal = terminal;
  source.write("lost");
  await terminal.snapshot();
  await recorder.flush();
  expect(recorder.state).toEqual({ name: "incomplete", fault: "write_failed" });
  source.write(" on disk");
  await recorder.finish();
  expect(problems).toHaveLength(1);
  expect(String(problems[0])).toContain("ENOSPC");
  using viewer = new TestViewer(terminal).connect();
  await terminal.snapshot();
  await until(() => (viewer.snapshots > 0 ? true : undefined));
  expect(viewer.emulator!.terminal.buffer.active.getLine(0)!.translateToString(true)).toBe("lost on disk");
});

test("a disk that does not keep up ends it, too, rather than fill the memory", async () => {
  const { source, terminal, recorder, problems } = record({ base: "/proc/no such folder" });
  using _terminal = terminal;
  // Nothing is written while this goes on.
  for (let piece = 0; piece < 80; piece++) source.write(`\u001b]7777;${"x".repeat(256 * 1024)}\u0007`);
  expect(recorder.state).toEqual({ name: "incomplete", fault: "too_slow" });
  await recorder.finish();
  expect(problems).toHaveLength(1);
});

test("what is typed is left out when the settings say so, and everything when they say that", async () => {
  for (const mode of ["output", "off"] as const) {
    await using stack = new AsyncDisposableStack();
    const { recordings, open } = manage({ mode });
    stack.use(recordings);
    const { source, terminal, sessionId } = open();
    stack.use(terminal);
    source.write("shown");
    terminal.input(new TestViewer(terminal).connect().viewer!, new TextEncoder().encode("typed"));
    await terminal.snapshot();
    terminal[Symbol.dispose]();
    await recordings[Symbol.asyncDispose]();
    const kept = recordings.list(sessionId, 10);
    expect(kept.map(({ hasInput, state }) => [hasInput, state.name])).toEqual(
      mode === "off" ? [] : [[false, "complete"]],
    );
    for (const { id } of kept) expect(textOf(await parse(recordings.read(id)), "i")).toBe("");
  }
});

test("one that goes on can be read as far as it has come; when it is removed nothing of it is left", async () => {
  const base = newFolder();
  const { recordings, open, problems } = manage({ folder: base });
  await using _recordings = recordings;
  const { source, terminal, sessionId } = open();
  using _terminal = terminal;
  source.write("so far");
  const [{ id }] = await until(() => nonEmpty(recordings.list(sessionId, 10)));
  expect(recordings.get(id)).toMatchObject({ sessionId, state: { name: "recording" }, endedAt: null });
  expect(textOf(await parse(recordings.read(id)))).toBe("so far");
  expect(await recordings.remove(id)).toBe(true);
  expect(await recordings.remove(id)).toBe(false);
  source.write("and no further");
  await terminal.snapshot();
  expect(recordings.list(sessionId, 10)).toEqual([]);
  expect(await readdir(base)).toEqual([]);
  expect(problems).toEqual([]);
});

const nonEmpty = <T>(all: readonly T[]): [T, ...T[]] | undefined => (all.length > 0 ? (all as [T, ...T[]]) : undefined);

test("the oldest go when there are too many bytes, and the old when their time is over", async () => {
  let now = Date.now();
  await using stack = new AsyncDisposableStack();
  const { recordings, open } = manage({ maxBytes: 3000, keepMs: 1000, now: () => now });
  stack.use(recordings);
  const one = async (words: string) => {
    const { source, terminal, sessionId } = open();
    source.write(words);
    await terminal.snapshot();
    terminal[Symbol.dispose]();
    await until(() => recordings.list(sessionId, 1).find(({ state }) => state.name === "complete"));
    return sessionId;
  };
  const first = await one("x".repeat(1000));
  now += 10;
  const second = await one("y".repeat(1000));
  now += 10;
  expect(recordings.list(null, 10).map(({ sessionId }) => sessionId)).toEqual([second, first]);
  const third = await one("z".repeat(1000));
  expect(recordings.list(null, 10).map(({ sessionId }) => sessionId)).toEqual([third, second]);
  now += 2000;
  const fourth = await one("later");
  expect(recordings.list(null, 10).map(({ sessionId }) => sessionId)).toEqual([fourth]);
});

test("what a killed server left is played up to its last whole line, and files that are nobody's are gone", async () => {
  const base = newFolder();
  const database = openDatabase(":memory:");
  const store = new RecordingStore(database);
  const before = manage({ folder: base, store });
  const { source, terminal, sessionId } = before.open();
  using _terminal = terminal;
  await using _recordings = before.recordings;
  source.write("kept");
  const [{ id }] = await until(() => nonEmpty(before.recordings.list(sessionId, 1)));
  await Array.fromAsync(before.recordings.read(id));
  // A process that is killed ends in the midst of a line, or of a header.
  const [name] = await readdir(join(base, id));
  await appendFile(join(base, id, name!), '[7.5, "o", "half of a li');
  await writeFile(join(base, id, "000001.cast"), '{"version": 2, "wid');
  await mkdir(join(base, crypto.randomUUID()));

  const after = manage({ folder: base, store });
  await using recordings = after.recordings;
  await recordings.begin();
  expect(recordings.get(id)).toMatchObject({ state: { name: "incomplete", fault: "server_died" } });
  expect(textOf(await parse(recordings.read(id)))).toBe("kept");
  expect(await until(async () => ((await readdir(base)).length === 1 ? readdir(base) : undefined))).toEqual([id]);
});
