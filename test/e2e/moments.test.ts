// A session's screen and its transcript are linked in time, in a real Chromium: live, and in what was recorded.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { askIn, line, readOut, shows } from "../harness/terminal-page.ts";
import { TestTerminal } from "../harness/terminal.ts";
import { accessibilityProblems, openBrowser, overflows, phone, photograph, type Visitors } from "../harness/visits.ts";

// Longer than what a test waits for: running out of time here would end the browser.
setDefaultTimeout(180_000);

const wide = { viewport: { width: 1440, height: 900 } };

let lodge: TestLodge;
let visitors: Visitors;
let session: string;

beforeAll(async () => {
  lodge = await startTestLodge({ LODGE_IDLE_SECONDS: "600" });
  visitors = await openBrowser(lodge);
  await mkdir(join(lodge.data, "workspaces", "shop"));
  for (const word of ["Apple", "Banana", "Cherry"]) {
    session = await askIn(lodge, "fruit", `echo: ${word}`, { "x-claude-driver": "terminal" });
    // The CLI writes down what was said before it draws it.
    using viewer = await TestTerminal.open(lodge, session);
    await viewer.shows(`● ${word}`);
  }
});
afterAll(async () => {
  await visitors[Symbol.asyncDispose]();
  await lodge[Symbol.asyncDispose]();
});

const transcript = (page: Page) => page.getByRole("log", { name: "Transcript" });
const entry = (page: Page, words: string) =>
  transcript(page)
    .getByRole("article")
    .filter({ has: page.getByText(words, { exact: true }) });
const player = (page: Page) => page.getByRole("region", { name: "Player" });

/** Shows the screen as it was when something was said. */
async function showScreenOf(page: Page, words: string): Promise<void> {
  await entry(page, words).hover();
  await entry(page, words)
    .getByRole("button", { name: /^The screen at/ })
    .click();
}

/** The entry whose moment the screen shows. */
const shown = (page: Page) => transcript(page).locator('[aria-current="time"]');

test("an entry shows the screen as it was then, and the live one stays as it was meanwhile", async () => {
  await using visitor = await visitors.visit(wide);
  const { page } = visitor;
  await readOut(page);
  await visitor.enter(`/sessions/${session}`);
  await shows(page, "● Cherry");
  await page.getByRole("button", { name: "Take control" }).click();
  await line(page).getByText("You type").waitFor();
  await page.locator(".xterm-screen").click();
  await page.keyboard.type("echo: half a");

  await showScreenOf(page, "Apple");
  await player(page).getByText("● Apple").first().waitFor();
  expect(await player(page).getByText("● Banana").count()).toBe(0);
  await shown(page).getByText("Apple", { exact: true }).waitFor();
  expect(page.url()).toMatch(/\?at=\d{13}$/);
  await photograph(page, "session-screen-then");
  expect(await accessibilityProblems(page)).toEqual([]);

  await showScreenOf(page, "Banana");
  await player(page).getByText("● Banana").first().waitFor();
  expect(await player(page).getByText("● Cherry").count()).toBe(0);
  await shown(page).getByText("Banana", { exact: true }).waitFor();

  // The same again after having gone elsewhere in it: played on, the transcript goes along.
  await page.keyboard.press("Tab");
  await player(page).getByRole("button", { name: "Play" }).click();
  await shown(page).getByText("Cherry", { exact: true }).waitFor();
  await showScreenOf(page, "Banana");
  await shown(page).getByText("Banana", { exact: true }).waitFor();

  await page.getByRole("button", { name: "Back to now" }).click();
  await player(page).waitFor({ state: "detached" });
  expect(page.url()).not.toContain("at=");
  expect(await shown(page).count()).toBe(0);
  // Neither the control nor what was typed is lost.
  await line(page).getByText("You type").waitFor();
  await page.locator(".xterm-screen").click();
  await page.keyboard.type(" sentence");
  await page.keyboard.press("Enter");
  await shows(page, "● half a sentence");
  await entry(page, "half a sentence").waitFor();
  await showScreenOf(page, "half a sentence");
  await player(page).getByText("● half a sentence").first().waitFor();
});

test("a recording is played beside the transcript, and each goes where the other is", async () => {
  await using visitor = await visitors.regular({ ...wide, colorScheme: "dark" });
  const { page } = visitor;
  await visitor.enter(`/sessions/${session}?view=recordings`);
  await page.getByRole("button", { name: "Play", exact: true }).click();
  await page.getByRole("list", { name: "Turns in this recording" }).getByRole("button", { name: "Banana" }).click();
  // A turn begins with what was asked.
  await shown(page).getByText("echo: Banana", { exact: true }).waitFor();
  await showScreenOf(page, "Cherry");
  await player(page).getByText("● Cherry").first().waitFor();
  await shown(page).getByText("Cherry", { exact: true }).waitFor();
  await photograph(page, "session-recording-beside-dark");
  expect(await accessibilityProblems(page)).toEqual([]);
});

test("on a phone an entry leads to its screen, and an address brings anybody there", async () => {
  await using visitor = await visitors.visit({ viewport: phone, hasTouch: true });
  const { page } = visitor;
  await visitor.enter(`/sessions/${session}?view=transcript`);
  await entry(page, "Apple")
    .getByRole("button", { name: /^The screen at/ })
    .click();
  await player(page).getByText("● Apple").first().waitFor();
  await photograph(page, "session-screen-then-phone");
  expect(await overflows(page)).toBe(false);
  const at = new URL(page.url()).searchParams.get("at");
  await page.goto(`${lodge.url}/sessions/${session}?view=terminal&at=${at}`);
  await page.getByRole("region", { name: "The screen as it was" }).getByText("● Apple").first().waitFor();
  await page.goto(`${lodge.url}/sessions/${session}?view=terminal&at=1000`);
  await page.getByText("No recording has the screen of that moment").waitFor();
});
