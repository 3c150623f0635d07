// A hundred live sessions and ten thousand past ones in one list, in a real Chromium.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { plantPastSessions } from "../harness/past-sessions.ts";
import { longestTask, openBrowser, type Visitors } from "../harness/visits.ts";

// Longer than what a test waits for: running out of time here would end the browser.
setDefaultTimeout(180_000);

const past = 10_000;
const live = 100;
/** Milliseconds, beyond which a person feels that a page does not answer. */
const longTask = 100;

let lodge: TestLodge;
let visitors: Visitors;
let ids: string[];

beforeAll(async () => {
  // A hundred real ones would take 20 GB: a script stands in for each.
  lodge = await startTestLodge({
    LODGE_CLAUDE: join(import.meta.dir, "../harness/small-cli.sh"),
    LODGE_MAX_LIVE: String(live),
    LODGE_QUEUE: String(live),
  });
  visitors = await openBrowser(lodge);
  await mkdir(join(lodge.data, "workspaces", "garden"), { recursive: true });
  plantPastSessions(lodge, "garden", past);
  ids = await Promise.all(Array.from({ length: live }, (_, index) => ask(`Live session ${index}`)));
});
afterAll(async () => {
  await visitors[Symbol.asyncDispose]();
  await lodge[Symbol.asyncDispose]();
});

/** One turn; resolves with its session. */
async function ask(content: string, session?: string): Promise<string> {
  const body = { model: "haiku", messages: [{ role: "user", content }] };
  const named = session === undefined ? {} : { "x-claude-session": session };
  const reply = await lodge.post("/v1/chat/completions", body, { "x-claude-workspace": "garden", ...named });
  expect(await reply.text()).toContain("It is done.");
  return reply.headers.get("x-claude-session")!;
}

const rows = (page: Page) => page.getByRole("table", { name: "Sessions" }).getByRole("row");
const frame = (page: Page) => page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));

test("they are listed and scrolled to the last without a long task, a screenful of rows in the page", async () => {
  await using visitor = await visitors.regular();
  const { page, complaints } = visitor;
  await visitor.enter("/workspaces");
  const pages = page.getByRole("navigation", { name: "Main" });
  const oldest = rows(page).filter({ hasText: `Past session ${past}` });
  const longest = await longestTask(page, longTask, async () => {
    await pages.getByRole("link", { name: "Sessions" }).click();
    await page.getByText(`${(past + live).toLocaleString("en")} sessions`).waitFor();
    await rows(page)
      .filter({ hasText: `Live ${live}` })
      .waitFor();
    // Each changes its row while somebody scrolls by.
    const turns = Promise.all(ids.map((id) => ask("And then?", id)));
    for (let step = 0; step < 25; step++) {
      await page.mouse.wheel(0, 300);
      await frame(page);
    }
    await turns;
    // Bounded: a page of older ones comes each time the end is near.
    for (let step = 0; step < 200 && (await oldest.count()) === 0; step++) {
      await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
      await frame(page);
      expect(await rows(page).count()).toBeLessThan(120);
    }
    await oldest.waitFor();
    for (const part of [0.7, 0.2, 0.5, 0]) {
      await page.evaluate((at) => window.scrollTo(0, document.documentElement.scrollHeight * at), part);
      await frame(page);
    }
    await rows(page)
      .filter({ hasText: `Live ${live}` })
      .waitFor();
  });
  expect(longest).toBeLessThanOrEqual(longTask);
  expect(complaints).toEqual([]);
});

test("a page that is opened on the list has them within a breath too", async () => {
  await using visitor = await visitors.regular();
  const { page } = visitor;
  await visitor.enter("/sessions");
  await rows(page)
    .filter({ hasText: `Live ${live}` })
    .waitFor();
  // Who filters sees the answer at once.
  const longest = await longestTask(page, longTask, async () => {
    const field = page.getByLabel("Filter sessions");
    await field.pressSequentially("session 09876");
    await page.getByText("1 session ·").waitFor();
    await field.fill("");
    await page.getByText(`${(past + live).toLocaleString("en")} sessions`).waitFor();
  });
  expect(longest).toBeLessThanOrEqual(longTask);
});
