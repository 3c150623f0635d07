import { expect, test } from "bun:test";
import type { Prompt } from "../../prompts.ts";
import { Dialogs } from "./dialogs.ts";
import type { Screen } from "./screen.ts";
import type { View } from "./view.ts";
import type { ScreenWatch } from "./watch.ts";

/** Dialogs over a screen and a clock that the test has in its hands. */
function setUp() {
  const state = { view: { type: "other" } as View, handled: false };
  const timers = new Set<() => void>();
  const announced: (readonly Prompt[])[] = [];
  const dialogs = new Dialogs({
    screen: { onChange: () => ({ [Symbol.dispose]: () => {} }) } as unknown as Screen,
    watch: {
      get view() {
        return state.view;
      },
    } as ScreenWatch,
    clock: {
      now: () => 0,
      after: (_ms, callback) => {
        timers.add(callback);
        return { [Symbol.dispose]: () => void timers.delete(callback) };
      },
    },
    write: () => {},
    isHandled: () => state.handled,
    decide: () => undefined,
    onChange: (prompts) => announced.push(prompts),
  });
  const show = (title: string | null, handled = false) => {
    state.handled = handled;
    state.view =
      title === null
        ? { type: "box", empty: true, busy: true }
        : { type: "dialog", dialog: { title, detail: title, options: ["Yes", "No"], selected: 0 } };
    dialogs.look();
    for (const callback of timers) if (timers.delete(callback)) callback();
  };
  return { dialogs, show, announced };
}

test("a dialog is announced, and over when it is gone", () => {
  const { dialogs, show } = setUp();
  show("Do you trust it?");
  expect(dialogs.prompts).toMatchObject([{ reason: "dialog", title: "Do you trust it?" }]);
  show(null);
  expect(dialogs.prompts).toEqual([]);
});

test("one that is asked elsewhere is not, nor while it stands a moment longer", () => {
  const { dialogs, show, announced } = setUp();
  show("May it write?", true);
  show("May it write?");
  expect(announced).toEqual([]);
  show("Another thing?");
  expect(dialogs.prompts).toMatchObject([{ title: "Another thing?" }]);
  show(null);
  // The same again, which nobody asks elsewhere.
  show("May it write?");
  expect(dialogs.prompts).toMatchObject([{ title: "May it write?" }]);
});
