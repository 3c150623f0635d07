// The sessions' pages in a real Chromium: one of ten thousand is found, and what a person does with one.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { SessionSummary } from "@lodge/shared";
import type { Page } from "playwright-core";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { plantPastSessions } from "../harness/past-sessions.ts";
import { accessibilityProblems, openBrowser, overflows, phone, photograph, type Visitors } from "../harness/visits.ts";

// Longer than what a test waits for: running out of time here would end the browser.
setDefaultTimeout(180_000);

const past = 10_000;

let lodge: TestLodge;
let visitors: Visitors;

beforeAll(async () => {
  lodge = await startTestLodge();
  visitors = await openBrowser(lodge);
  await mkdir(join(lodge.data, "workspaces", "garden"), { recursive: true });
  plantPastSessions(lodge, "garden", past);
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

const rows = (page: Page) => page.getByRole("table", { name: "Sessions" }).getByRole("row");

test("the list is narrowed down by filters and words, older ones too, and the address keeps it", async () => {
  // Behind the newest, which are all that a page knows by itself.
  const found = await lodge.fetch(`/api/sessions?${new URLSearchParams({ q: "Past session 09998" })}`);
  const [old] = ((await found.json()) as { sessions: SessionSummary[] }).sessions;
  await lodge.fetch(`/api/sessions/${old!.id}`, {
    method: "PATCH",
    body: JSON.stringify({ tags: ["long ago"] }),
    headers: { "content-type": "application/json" },
  });
  await using visitor = await visitors.regular();
  const { page } = visitor;
  await visitor.enter("/sessions?q=09999");
  await rows(page).filter({ hasText: "Past session 09999" }).waitFor();
  await page.getByText("1 session ·").waitFor();
  await rows(page)
    .filter({ hasText: "Past session 09999" })
    .getByTitle(/^[\d,]+ of 200,000 tokens$/)
    .waitFor();
  await page.getByRole("button", { name: "Filters" }).click();
  for (const [label, own, other] of [
    ["Mode", "agent", "model"],
    ["Latest turn came", "cold", "forked"],
    ["Workspace", "garden", null],
    ["Model", "claude-haiku-4-5", null],
  ] as const) {
    const filter = page.getByLabel(label, { exact: true });
    if (other !== null) {
      await filter.selectOption(other);
      await page.getByText("No session matches").waitFor();
    }
    await filter.selectOption(own);
    await rows(page).filter({ hasText: "Past session 09999" }).waitFor();
  }
  await page.getByLabel("Tag", { exact: true }).selectOption("long ago");
  await page.getByText("No session matches").waitFor();
  await page.getByLabel("Tag", { exact: true }).selectOption("");
  await page.getByLabel("Driver").selectOption("terminal");
  await page.getByText("No session matches").waitFor();
  expect(page.url()).toContain("driver=terminal");
  await page.getByRole("button", { name: "Clear the filters" }).click();
  await rows(page).filter({ hasText: "Past session 09999" }).waitFor();
});

test("a session is named, tagged, forked from an entry, found by what was said, and deleted", async () => {
  await using visitor = await visitors.regular();
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

  await more.click();
  const [records] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("menuitem", { name: "Export as JSON lines" }).click(),
  ]);
  expect(records.suggestedFilename()).toBe(`lavender-${id.slice(0, 8)}.jsonl`);
  const lines = (await Bun.file(await records.path()).text()).trimEnd().split("\n");
  expect(lines.map((line) => (JSON.parse(line) as { type: string }).type)).toContain("assistant");

  await page.getByRole("link", { name: "Details" }).click();
  await page.getByText(/^[\d,]+ of [\d,]+ tokens \(\d+%\)$/).waitFor();
  await page.getByRole("link", { name: "Transcript" }).click();
  await page.getByRole("button", { name: "End", exact: true }).click();
  await page.getByRole("button", { name: "Really end" }).click();
  await page.getByText("Hibernated").first().waitFor();

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

test("a long list with its filters open is accessible, and fits a phone", async () => {
  await using visitor = await visitors.regular({ viewport: phone });
  const { page, complaints } = visitor;
  await visitor.enter("/sessions");
  await rows(page).filter({ hasText: "Past session 00010" }).waitFor();
  expect(await overflows(page)).toBe(false);
  await page.getByRole("button", { name: "Filters" }).click();
  await page.getByRole("button", { name: "Clear the filters" }).waitFor();
  expect(await overflows(page)).toBe(false);
  expect(await accessibilityProblems(page)).toEqual([]);
  expect(complaints).toEqual([]);
});
