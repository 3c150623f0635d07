// The emulator of the page, without a page: a snapshot of the server's brings it to the same state, and what comes then
// keeps the two alike. How it is drawn is for the tests in a browser.
import { expect, test } from "bun:test";
import { Emulator } from "@lodge/server/terminals";
import { resizeTerminal } from "@lodge/shared";
import { Terminal } from "@xterm/xterm";
import fc from "fast-check";
import { firstSize, output, stateOf, type Step } from "../../server/src/emulator/testing/output.ts";
import { emulateAlike, restoreState } from "../../web/src/features/terminal/emulation.ts";

const scrollback = 20;

class Page implements Disposable {
  readonly terminal: Terminal;

  constructor({ cols, rows }: { cols: number; rows: number }) {
    this.terminal = new Terminal({ cols, rows, scrollback, allowProposedApi: true });
    emulateAlike(this.terminal);
  }

  restore(state: Uint8Array): Promise<void> {
    return new Promise((done) => restoreState(this.terminal, state, done));
  }

  async apply(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      if (step.type === "write") await new Promise<void>((done) => this.terminal.write(step.bytes, done));
      else resizeTerminal(this.terminal, step);
    }
  }

  get state(): object {
    return stateOf(this.terminal);
  }

  [Symbol.dispose](): void {
    this.terminal.dispose();
  }
}

test("it comes to the server's state, and stays with it", async () => {
  await fc.assert(
    fc.asyncProperty(output, output, async (before, after) => {
      using emulator = new Emulator(firstSize, { scrollback });
      const apply = (steps: readonly Step[]) => {
        for (const step of steps) {
          if (step.type === "write") emulator.write(step.bytes);
          else emulator.resize(step);
        }
      };
      apply(before);
      const snapshot = (await emulator.snapshot())!;
      using page = new Page(snapshot);
      await page.restore(snapshot.state);
      expect(page.state).toEqual(stateOf(emulator.terminal));
      apply(after);
      await page.apply(after);
      await emulator.snapshot();
      expect(page.state).toEqual(stateOf(emulator.terminal));
    }),
    { numRuns: 200 },
  );
});
