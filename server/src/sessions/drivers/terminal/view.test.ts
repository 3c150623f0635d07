import { expect, test } from "bun:test";
import { recognise } from "./view.ts";

/** Screens as the CLI 2.1.329 draws them, with less around. */
const rule = "─".repeat(60);
const lines = (screen: string): string[] => screen.replaceAll("<rule>", rule).split("\n");
const away = { x: 0, y: 0 };

test("an empty input box", () => {
  const screen = lines(`● hi\n\n<rule>\n❯ \n<rule>\n  ⏵⏵ don't ask on (shift+tab to cycle) · ← for agents`);
  expect(recognise(screen, { x: 2, y: 3 })).toEqual({ type: "box", empty: true, busy: false });
});

test("a box with words in it, while the model is at work", () => {
  const screen = lines(`✻ Baking…\n<rule>\n❯ stall\n<rule>\n  ⏸ manual mode on · esc to interrupt`);
  expect(recognise(screen, { x: 7, y: 2 })).toEqual({ type: "box", empty: false, busy: true });
});

test("a box that holds more than it can show", () => {
  const screen = lines(`─── ↑ 36 more ${rule}\n  l\n  end\n<rule>\n  ⏵⏵ don't ask on`);
  expect(recognise(screen, { x: 5, y: 2 })).toEqual({ type: "box", empty: false, busy: false });
});

test("an editor is neither", () => {
  expect(recognise(lines("   Save and close the editor to continue…"), away)).toEqual({ type: "other" });
});

test("a permission prompt", () => {
  const screen = lines(`❯ tool: Bash

<rule>
 Bash command
 make a file
╌╌╌╌╌╌╌╌╌╌╌╌╌
 touch made.txt
╌╌╌╌╌╌╌╌╌╌╌╌╌
 Do you want to proceed?
 ❯ 1. Yes
   2. Yes, and always allow access to /w from this project
   3. No

 Esc to cancel · Tab to amend`);
  expect(recognise(screen, away)).toEqual({
    type: "dialog",
    dialog: {
      title: "Do you want to proceed?",
      detail: "Bash command\nmake a file\ntouch made.txt\nDo you want to proceed?",
      options: ["Yes", "Yes, and always allow access to /w from this project", "No"],
      selected: 0,
    },
  });
});

test("options without numbers", () => {
  const screen = lines(`<rule>
 Accessing workspace:

 /w

 Quick safety check: Is this a project you created or one you trust? (Like your own code, a well-known open source
 project, or work from your team). If not, take a moment to review what's in this folder first.

 Security guide

   No, exit
 ❯ Yes, I trust this folder

 Enter to confirm · Esc to cancel`);
  expect(recognise(screen, away)).toMatchObject({
    type: "dialog",
    dialog: {
      title: "Quick safety check: Is this a project you created or one you trust?",
      options: ["No, exit", "Yes, I trust this folder"],
      selected: 1,
    },
  });
});

test("a question with descriptions between its options, and a rule", () => {
  const screen = lines(`<rule>
←  ☐ Colour  ✔ Submit  →

Which colour?

  1. Red
     warm
❯ 2. Blue
     cold
<rule>
  3. Chat about this

Enter to select · Tab/Arrow keys to navigate · Esc to cancel`);
  expect(recognise(screen, away)).toMatchObject({
    type: "dialog",
    dialog: { title: "Which colour?", options: ["Red", "Blue", "Chat about this"], selected: 1 },
  });
});

test("what the model says is no dialog while the box stands", () => {
  const screen = lines(
    `● Do you want to proceed?\n  ❯ 1. Yes\n    2. No\n  Esc to cancel\n<rule>\n❯ \n<rule>\n  ? for shortcuts`,
  );
  expect(recognise(screen, { x: 2, y: 5 })).toEqual({ type: "box", empty: true, busy: false });
});
