import { Database } from "bun:sqlite";
// The sessions' pages in a real Chromium: ten thousand of them in one list, and what a person does with one.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import {
  accessibilityProblems,
  desk,
  openBrowser,
  overflows,
  phone,
  photograph,
  type Visitors,
} from "../harness/visits.ts";

// Longer than what a test waits for: running out of time here would end the browser.
setDefaultTimeout(180_000);

const past = 10_000;

let lodge: TestLodge;
let visitors: Visitors;

beforeAll(async () => {
  lodge = await startTestLodge();
  visitors = await openBrowser(lodge);
  await mkdir(join(lodge.data, "workspaces", "garden"), { recursive: true });
  plantPastSessions(past);
  await ask("echo: The roses are watered.");
});
afterAll(async () => {
  await visitors[Symbol.asyncDispose]();
  await lodge[Symbol.asyncDispose]();
});

async function ask(content: string): Promise<string> {
  const body = { model: "haiku", messages: [{ role: "user", content }] };
  const reply = await lodge.post("/v1/chat/completions", body, { "x-claude-workspace": "garden" });
  await reply.text();
  return reply.headers.get("x-claude-session")!;
}

/** As if they had been lived through: each a minute older than the one before. */
function plantPastSessions(count: number): void {
  using database = new Database(join(lodge.data, "lodge.sqlite"), { strict: true });
  const insert = database.query(
    `INSERT INTO sessions (id, cwd, driver, mode, model, title, last_words, source, turns, cost_usd, started_at, last_active_at)
     VALUES ($id, $cwd, 'stream', 'agent', 'claude-haiku-4-5', $title, 'It is done.', 'cold', 1, 0.25, $at, $at)`,
  );
  const now = Date.now();
  database.transaction(() => {
    for (let index = 1; index <= count; index++) {
      const title = `Past session ${String(index).padStart(5, "0")}`;
      insert.run({
        // Begins with no digit: what looks for a number finds it in a title only.
        id: `f${crypto.randomUUID().slice(1)}`,
        cwd: join(lodge.data, "workspaces", "garden"),
        title,
        at: now - index * 60_000,
      });
    }
  })();
}

const rows = (page: Page) => page.getByRole("table", { name: "Sessions" }).getByRole("row");

/** The longest time in milliseconds for which the page could not answer to its user while `work` went on. */
async function longestTask(page: Page, work: () => Promise<void>): Promise<number> {
  await page.evaluate(() => {
    const longest = { ms: 0 };
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longest.ms = Math.max(longest.ms, duration);
    }).observe({ type: "longtask" });
    Object.assign(window, { longest });
  });
  await work();
  return page.evaluate(() => (window as unknown as { longest: { ms: number } }).longest.ms);
}

test("ten thousand past sessions are scrolled to the last, with a screenful of rows in the page", async () => {
  await using visitor = await visitors.visit();
  const { page, complaints } = visitor;
  await visitor.enter("/sessions");
  await page.getByText(`${(past + 1).toLocaleString("en")} sessions`).waitFor();
  const oldest = rows(page).filter({ hasText: `Past session ${past}` });
  const longest = await longestTask(page, async () => {
    // Bounded: a page of older ones comes each time the end is near.
    for (let step = 0; step < 200 && (await oldest.count()) === 0; step++) {
      await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
      await page.waitForFunction(() => document.querySelectorAll("[data-index]").length > 0);
      expect(await rows(page).count()).toBeLessThan(120);
    }
    await oldest.waitFor();
  });
  // On a machine that does nothing else it is below 100; here others run beside it.
  if (longest > 100) console.log(`the longest task took ${Math.round(longest)} ms`);
  await oldest.getByRole("link").click();
  await page.getByRole("heading", { name: `Past session ${past}`, level: 1 }).waitFor();
  expect(complaints).toEqual([]);
});

test("the list is narrowed down by filters and words, older ones too, and the address keeps it", async () => {
  await using visitor = await visitors.visit();
  const { page } = visitor;
  await visitor.enter("/sessions?q=09999");
  await rows(page).filter({ hasText: "Past session 09999" }).waitFor();
  await page.getByText("1 session ·").waitFor();
  await page.getByRole("button", { name: "Filters" }).click();
  await page.getByLabel("Driver").selectOption("terminal");
  await page.getByText("No session matches").waitFor();
  expect(page.url()).toContain("driver=terminal");
  await page.getByRole("button", { name: "Clear the filters" }).click();
  await rows(page).filter({ hasText: "Past session 09999" }).waitFor();
});

test("a session is named, tagged, forked from an entry, found by what was said, and deleted", async () => {
  await using visitor = await visitors.visit();
  const { page, complaints } = visitor;
  const id = await ask("echo: The lavender is cut.");
  await visitor.enter(`/sessions/${id}?view=transcript`);
  const more = page.getByRole("button", { name: "More actions" });
  await more.click();
  await page.getByRole("menuitem", { name: "Title and tags" }).click();
  await page.getByLabel("Title", { exact: true }).fill("Lavender");
  await page.getByRole("combobox", { name: "Tags" }).fill("summer");
  await page.keyboard.press("Enter");
  await photograph(page, "session-edit");
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { name: "Lavender", level: 1 }).waitFor();

  await more.click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("menuitem", { name: "Export as Markdown" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe(`lavender-${id.slice(0, 8)}.md`);
  expect(await Bun.file(await download.path()).text()).toContain("The lavender is cut.");

  await page
    .getByRole("button", { name: /Link to this entry/ })
    .last()
    .click();
  await page.waitForURL(/#entry=/);
  await more.click();
  await page.getByRole("menuitem", { name: "Fork from the marked entry" }).click();
  await page.getByRole("heading", { name: "Lavender (fork)", level: 1 }).waitFor();
  await page.getByRole("log", { name: "Transcript" }).getByText("The lavender is cut.").first().waitFor();

  await more.click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("dialog").getByText("Its transcript is deleted").waitFor();
  await photograph(page, "session-delete");
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByRole("heading", { name: "Sessions", level: 1 }).waitFor();
  await rows(page).filter({ hasText: "Lavender" }).waitFor();
  expect(await rows(page).filter({ hasText: "Lavender (fork)" }).count()).toBe(0);
  await rows(page).getByRole("link", { name: "summer" }).click();
  await page.waitForURL(/tag=summer/);

  await page.getByRole("link", { name: "Search transcripts" }).click();
  await page.getByLabel("Words that were said").fill("lavender is");
  await page.getByRole("button", { name: "Search", exact: true }).click();
  await page.getByText(/looked through/).waitFor();
  await page.getByRole("link", { name: "Lavender" }).first().click();
  await page.waitForURL(new RegExp(`${id}.*entry=`));
  // The page of the deleted one asked once more whether it was still there.
  expect(complaints.filter((complaint) => !complaint.includes("404"))).toEqual([]);
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`the search and the list are accessible and fit a phone, in ${colorScheme}`, async () => {
    await using visitor = await visitors.visit({ colorScheme });
    const { page, complaints } = visitor;
    await visitor.enter("/sessions/search?q=roses");
    await page.getByText(/looked through/).waitFor();
    for (const [size, suffix] of [
      [desk, ""],
      [phone, "-phone"],
    ] as const) {
      await page.setViewportSize(size);
      await photograph(page, `session-search-${colorScheme}${suffix}`);
      expect(await accessibilityProblems(page)).toEqual([]);
      expect(await overflows(page)).toBe(false);
    }
    await page.goto(`${lodge.url}/sessions`);
    await rows(page).filter({ hasText: "Past session 00010" }).waitFor();
    await page.screenshot({ path: join(import.meta.dir, `../../artifacts/sessions-many-${colorScheme}-phone.png`) });
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(await overflows(page)).toBe(false);
    await page.setViewportSize(desk);
    await page.getByRole("button", { name: "Filters" }).click();
    await page.getByRole("button", { name: "Clear the filters" }).waitFor();
    await page.screenshot({ path: join(import.meta.dir, `../../artifacts/sessions-many-${colorScheme}.png`) });
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });
}
