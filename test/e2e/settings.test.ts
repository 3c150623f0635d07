// Settings and the audit in a real Chromium: a key is made, shown once, used, changed and revoked, and the audit tells of it.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { makeKey, withKey } from "../harness/key-client.ts";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { accessibilityProblems, openBrowser, photograph, type Visitors } from "../harness/visits.ts";

// Longer than what a test waits for: running out of time here would end the browser.
setDefaultTimeout(180_000);

let lodge: TestLodge;
let visitors: Visitors;
const secret = "a-secret-that-nobody-is-shown";

beforeAll(async () => {
  lodge = await startTestLodge({ WORKSPACE_DIR: "", LODGE_QUEUE: "7", LODGE_WEBHOOK_SECRET: secret });
  visitors = await openBrowser(lodge);
  await Promise.all(["notes", "website"].map((name) => mkdir(join(lodge.data, "workspaces", name))));
});
afterAll(async () => {
  await visitors[Symbol.asyncDispose]();
  await lodge[Symbol.asyncDispose]();
});

const rowOf = (page: Page, table: string, text: string) =>
  page.getByRole("table", { name: table }).getByRole("row").filter({ hasText: text });

test("a key is made for one workspace, shown once, works, is changed and revoked", async () => {
  await using visitor = await visitors.regular();
  const { page, complaints } = visitor;
  await visitor.enter("/settings");
  await page.getByText("There are no keys").waitFor();
  await page.getByRole("button", { name: "New key" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("Nightly build");
  await dialog.getByRole("checkbox", { name: "jobs" }).check();
  await dialog.getByRole("combobox", { name: "Workspaces" }).fill("notes");
  await page.keyboard.press("Enter");
  await dialog.getByLabel("Requests a minute").fill("60");
  await dialog.getByLabel("Dollars a day").fill("2.5");
  await photograph(page, "settings-new-key");
  expect(await accessibilityProblems(page)).toEqual([]);
  await dialog.getByRole("button", { name: "Make the key" }).click();

  const shown = await dialog.getByLabel("The key", { exact: true }).textContent();
  expect(shown).toMatch(/^lodge_[0-9a-f]{48}$/);
  await photograph(page, "settings-made-key");
  expect(await accessibilityProblems(page)).toEqual([]);
  await dialog.getByRole("button", { name: "I have it" }).click();
  await dialog.waitFor({ state: "hidden" });
  expect(await page.content()).not.toContain(shown!);

  const client = withKey(lodge, shown!);
  expect((await client.fetch("/v1/models")).status).toBe(200);
  expect((await client.post("/run", { prompt: "x", workspace: "website" })).status).toBe(403);
  const row = rowOf(page, "API keys", "Nightly build");
  for (const text of ["api, jobs", "notes", "60 requests a minute, $2.50 a day"]) {
    await row.getByRole("cell", { name: text, exact: true }).waitFor();
  }

  await row.getByRole("button", { name: "Edit Nightly build" }).click();
  await dialog.getByLabel("Requests a minute").fill("");
  await dialog.getByLabel("Good until").fill("2030-01-31");
  await dialog.getByRole("button", { name: "Save" }).click();
  await row.getByText("until 31 Jan 2030").waitFor();
  await row.getByRole("cell", { name: "$2.50 a day", exact: true }).waitFor();

  await row.getByRole("button", { name: "Revoke" }).click();
  expect((await client.fetch("/v1/models")).status).toBe(200);
  await row.getByRole("button", { name: "Really revoke" }).click();
  await page.getByRole("button", { name: "Show 1 revoked key" }).click();
  await row.getByText(/^revoked /).waitFor();
  expect((await client.fetch("/v1/models")).status).toBe(401);
  expect(complaints).toEqual([]);
});

test("the configuration tells what was set and from where, and never a secret", async () => {
  await using visitor = await visitors.regular();
  const { page } = visitor;
  await visitor.enter("/settings");
  const queue = rowOf(page, "Settings", "LODGE_QUEUE");
  await queue.getByRole("cell", { name: "environment", exact: true }).waitFor();
  expect(await queue.getByRole("cell").first().textContent()).toStartWith("7");
  await rowOf(page, "Settings", "LODGE_WEBHOOK_SECRET").getByText("set; not shown").waitFor();
  expect(await page.content()).not.toContain(secret);
  expect(await page.content()).not.toContain(lodge.token);
  await page.getByRole("searchbox", { name: "Filter settings" }).fill("watchdog");
  await queue.waitFor({ state: "hidden" });
  await rowOf(page, "Settings", "LODGE_WATCHDOG_SECONDS").waitFor();
});

test("the audit is found by who, what and which session, a page at a time", async () => {
  // More than a page of them.
  const { id } = await makeKey(lodge, { name: "many times" });
  for (let k = 0; k < 101; k++)
    await lodge.fetch(`/api/keys/${id}`, { method: "PATCH", body: JSON.stringify({ name: `many times ${k}` }) });
  const opened = (await (await lodge.post("/api/terminals", { workspace: "notes" })).json()) as {
    session: { id: string };
  };
  await lodge.post(`/api/sessions/${opened.session.id}/end`, {});

  // Who logs in is in the audit.
  await using visitor = await visitors.visit();
  const { page, complaints } = visitor;
  await visitor.enter("/audit");
  const table = page.getByRole("table", { name: "Audit" });
  await table.getByText("logged in: from 127.0.0.1").first().waitFor();
  await page.getByRole("combobox", { name: "Show" }).click();
  await page.getByRole("option", { name: "API keys" }).click();
  await table.getByText("changed an API key: many times 100").waitFor();
  expect(new URL(page.url()).search).toBe("?kind=keys");
  await page.getByRole("button", { name: "Show older ones" }).click();
  await table.getByText("made an API key: many times").last().waitFor();
  await page.getByRole("searchbox", { name: "Filter by who it was" }).fill("nobody");
  await page.getByText("Nothing of that kind was done").waitFor();

  await page.goto(`${lodge.url}/audit?session=${opened.session.id}`);
  await table.getByText("opened the interactive CLI").waitFor();
  expect(await table.getByRole("row").count()).toBeLessThan(10);
  await page.getByRole("button", { name: "Show all sessions" }).click();
  await table.getByText("changed an API key: many times 100").waitFor();
  expect(complaints).toEqual([]);
});

test("usage is told apart by key, with the time to the first token", async () => {
  const client = await makeKey(lodge, { name: "The website’s robot" });
  await (
    await client.post("/v1/messages", { model: "haiku", max_tokens: 100, messages: [{ role: "user", content: "hi" }] })
  ).text();
  await using visitor = await visitors.regular();
  const { page, complaints } = visitor;
  await visitor.enter("/usage?by=key");
  await page.getByRole("table", { name: "Usage by key" }).getByText("The website’s robot").waitFor();
  await page.getByRole("term").filter({ hasText: "First token" }).waitFor();
  const row = page.getByRole("row").filter({ hasText: "The website’s robot" });
  await row
    .getByRole("cell", { name: /^[\d.]+ m?s$/ })
    .first()
    .waitFor();
  await photograph(page, "usage-by-key");
  expect(complaints).toEqual([]);
});
