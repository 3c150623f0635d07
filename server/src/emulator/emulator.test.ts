// A snapshot brings another terminal to the very state of the first, whatever came before and whatever comes after.
import { expect, test } from "bun:test";
import fc from "fast-check";
import { Emulator } from "./index.ts";
import { firstSize as first, ordinary, output, stateOf, type Step } from "./testing/output.ts";

const scrollback = 20;

function apply(emulator: Emulator, steps: readonly Step[]): void {
  for (const step of steps) {
    if (step.type === "write") emulator.write(step.bytes);
    else emulator.resize(step);
  }
}

async function restored(emulator: Emulator): Promise<Emulator> {
  const snapshot = await emulator.snapshot();
  if (!snapshot) throw new Error("no snapshot");
  const copy = new Emulator({ cols: snapshot.cols, rows: snapshot.rows }, { scrollback });
  copy.restore(snapshot.state);
  return copy;
}

const settled = async (emulator: Emulator): Promise<object> => {
  await emulator.snapshot();
  return stateOf(emulator.terminal);
};

test("a restored terminal has the state of the first", async () => {
  await fc.assert(
    fc.asyncProperty(output, async (steps) => {
      using emulator = new Emulator(first, { scrollback });
      apply(emulator, steps);
      using copy = await restored(emulator);
      expect(await settled(copy)).toEqual(await settled(emulator));
    }),
    { numRuns: 300 },
  );
});

test("and keeps it through what comes after", async () => {
  await fc.assert(
    fc.asyncProperty(output, output, async (before, after) => {
      using emulator = new Emulator(first, { scrollback });
      apply(emulator, before);
      using copy = await restored(emulator);
      apply(emulator, after);
      apply(copy, after);
      expect(await settled(copy)).toEqual(await settled(emulator));
    }),
    { numRuns: 200 },
  );
});

test("by the text alone, as other terminals take it, the same is shown", async () => {
  await fc.assert(
    fc.asyncProperty(ordinary, async (written) => {
      using emulator = new Emulator(first, { scrollback });
      emulator.write(new TextEncoder().encode(written));
      const snapshot = (await emulator.snapshot())!;
      using other = new Emulator(first, { scrollback });
      other.write(snapshot.state);
      expect(await shownBy(other)).toEqual(await shownBy(emulator));
    }),
    { numRuns: 300 },
  );
});

const csi = "\u001b[";
const linked = (text: string) => `\u001b]8;;http://a.example/\u001b\\${text}\u001b]8;;\u001b\\`;

/** Each was met once in thousands of the above. */
const examples: [what: string, before: string, after: string][] = [
  ["a wide character too many where lines do not wrap", `${csi}?7l${csi}4:3maaaaa👍字aa${csi}24m漢`, ""],
  ["and a mark that comes to it", `${csi}?7l${csi}4:3maaaaa👍字aa${csi}24m漢`, "\u0301b"],
  ["a link whose last character is alone in a line", `${csi}3;4H${linked("aaa👍漢a👍")}`, `\r${csi}3S`],
];

test.each(examples)("%s is restored", async (_what, before, after) => {
  using emulator = new Emulator(first, { scrollback });
  emulator.write(new TextEncoder().encode(before));
  using copy = await restored(emulator);
  expect(await settled(copy)).toEqual(await settled(emulator));
  for (const each of [emulator, copy]) each.write(new TextEncoder().encode(after));
  expect(await settled(copy)).toEqual(await settled(emulator));
});

test("a snapshot in the midst of a sequence or a character takes its beginning along", async () => {
  const bytes = new TextEncoder().encode(
    "a\u001b[1;31mb漢\u001b]2;a title\u001b\\c\u001bP$qm\u001b\\\u001b(0q\u009b4md👍",
  );
  for (let cut = 0; cut <= bytes.length; cut++) {
    using emulator = new Emulator(first, { scrollback });
    emulator.write(bytes.subarray(0, cut));
    using copy = await restored(emulator);
    for (const each of [emulator, copy]) each.write(bytes.subarray(cut));
    expect(await settled(copy)).toEqual(await settled(emulator));
  }
});

/** Much to say in few lines, each of which costs time when the size changes. */
const colourful =
  Array.from("of the past", (letter, n) => `${csi}38;2;100;200;${100 + n}m${letter}`).join("") + `${csi}m`;

test("of a large state the screen alone can be had, and shows the same", async () => {
  await fc.assert(
    fc.asyncProperty(output, async (steps) => {
      using emulator = new Emulator(first);
      apply(emulator, steps);
      // Enough of a past, then a screen of its own.
      emulator.write(new TextEncoder().encode(`\u0018\u001bc${`${colourful}\r\n`.repeat(400)}`));
      apply(emulator, steps);
      const snapshot = await emulator.snapshot();
      if (!snapshot) throw new Error("no snapshot");
      // What was written may have cleared the past.
      fc.pre(snapshot.screen !== null);
      using whole = new Emulator(snapshot);
      whole.restore(snapshot.state);
      using screen = new Emulator(snapshot);
      screen.restore(snapshot.screen);
      expect(snapshot.screen.length).toBeLessThan(snapshot.state.length / 4);
      expect(await shownBy(screen)).toEqual(await shownBy(whole));
    }),
    { numRuns: 30 },
  );
});

/** The visible lines, the cursor where it is seen, and the modes. */
async function shownBy(emulator: Emulator): Promise<object> {
  await emulator.snapshot();
  const { buffer, cols, rows, modes } = emulator.terminal;
  const { active } = buffer;
  const lines = Array.from({ length: rows }, (_, row) => active.getLine(active.baseY + row)?.translateToString(true));
  return { lines, cursor: [Math.min(active.cursorX, cols - 1), active.cursorY], modes };
}
