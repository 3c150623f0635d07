// The dashboard in a real Chromium: what a person sees and does, on a desk and on a phone, in light and dark.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { SessionSummary } from "@lodge/shared";
import type { Page } from "playwright-core";
import { buildingPage } from "../../server/src/modules/dashboard/pages.ts";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { TestTerminal } from "../harness/terminal.ts";
import { accessibilityProblems, openBrowser, photograph, type Visitors } from "../harness/visits.ts";

// Longer than what a test waits for: running out of time here would end the browser.
setDefaultTimeout(180_000);

let lodge: TestLodge;
let visitors: Visitors;

beforeAll(async () => {
  lodge = await startTestLodge();
  visitors = await openBrowser(lodge);
  await mkdir(join(lodge.data, "workspaces", "website", ".git"), { recursive: true });
  await mkdir(join(lodge.data, "workspaces", "notes"));
  await Promise.all([ask("echo: The build is green.", "website"), ask("Please tidy up my notes", "notes")]);
});
afterAll(async () => {
  await visitors[Symbol.asyncDispose]();
  await lodge[Symbol.asyncDispose]();
});

async function ask(content: string, workspace: string): Promise<void> {
  const body = { model: "haiku", messages: [{ role: "user", content }] };
  await (await lodge.post("/v1/chat/completions", body, { "x-claude-workspace": workspace })).text();
}

const rowOf = (page: Page, title: string) =>
  page.getByRole("table", { name: "Sessions" }).getByRole("row").filter({ hasText: title });

test("the link of the ready line logs in, and its token does not stay in the address", async () => {
  await using visitor = await visitors.visit();
  const { page, context, complaints } = visitor;
  await visitor.enter();
  expect(page.url()).not.toContain("token");
  expect(await page.evaluate(() => document.cookie)).toBe("");
  const cookies = await context.cookies();
  expect(cookies).toMatchObject([{ name: "lodge_session", httpOnly: true, sameSite: "Strict" }]);
  expect(cookies[0]!.value).not.toContain(lodge.token);
  await page.reload();
  await page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
  await page.goBack().catch(() => null);
  expect(page.url()).not.toContain("token");
  expect(complaints).toEqual([]);
});

test("who comes while the dashboard is being built gets it as soon as it is there", async () => {
  await using visitor = await visitors.visit();
  const { page, complaints } = visitor;
  let asked = 0;
  await page.route("**/*", async (route) => {
    if (route.request().resourceType() !== "document" || asked++ > 1) return route.continue();
    const building = buildingPage();
    return route.fulfill({ headers: Object.fromEntries(building.headers), body: await building.text() });
  });
  await visitor.enter();
  expect(asked).toBe(3);
  expect(complaints).toEqual([]);
});

test("a wrong token is told, the right one lets in, and a logout out again", async () => {
  await using visitor = await visitors.visit();
  const { page } = visitor;
  await page.goto(lodge.url);
  const field = page.getByLabel("Token", { exact: true });
  await field.fill("not-the-token-of-this-server");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("alert").getByText("not this server's token").waitFor();
  await photograph(page, "login-wrong-token");
  expect(await accessibilityProblems(page)).toEqual([]);
  await field.fill(lodge.token);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
  await page.getByRole("button", { name: "Menu" }).click();
  await page.getByRole("menuitem", { name: "Log out" }).click();
  await field.waitFor();
});

test("a session is seen live, busy and then ready", async () => {
  await using visitor = await visitors.regular();
  const { page, complaints } = visitor;
  await visitor.enter("/sessions");
  await page.getByText("demo model").waitFor();
  const turn = ask("slow: 20", "website");
  const row = rowOf(page, "slow: 20").first();
  await row.getByText("Busy").waitFor();
  await photograph(page, "sessions-busy");
  await turn;
  await row.getByText("Ready").waitFor();
  await row.getByText("word20").waitFor();
  await row.getByRole("link", { name: "slow: 20" }).click();
  await page.getByRole("heading", { name: "slow: 20", level: 1 }).waitFor();
  expect(complaints).toEqual([]);
});

test("the overview says what needs a person, and what is going on", async () => {
  await using visitor = await visitors.regular();
  const { page, complaints } = visitor;
  await visitor.enter();
  await page.getByText("Nothing needs you.").waitFor();
  const live = page.getByRole("list", { name: "Live sessions" });
  const turn = ask("slow: 15", "website");
  await live.getByRole("listitem").first().getByText("Busy").waitFor();
  await turn;
  await live.getByRole("listitem").filter({ hasText: "slow: 15" }).getByText("word15").waitFor();

  // Who watches, and what runs.
  const watched = live.getByRole("listitem").filter({ hasText: "slow: 15" });
  const watchedId = (await watched.getByRole("link").getAttribute("href"))!.split("/").at(-1)!;
  using _ann = await TestTerminal.open(lodge, watchedId, { name: "Ann's tablet" });
  await watched.getByText("Ann's tablet").waitFor();
  const run = await lodge.post("/run", { prompt: "slow: 300", workspace: "notes", async: true });
  const { runId } = (await run.json()) as { runId: string };
  const underWay = page.getByRole("list", { name: "Runs and jobs under way" }).getByRole("listitem");
  await underWay.filter({ hasText: "slow: 300" }).getByText("Running").waitFor({ timeout: 20_000 });

  const body = {
    model: "haiku",
    messages: [{ role: "user", content: 'tool: Bash {"command": "touch asked-for", "description": "Make a file"}' }],
  };
  const held = lodge.post("/v1/chat/completions", body, {
    "x-claude-workspace": "website",
    "x-claude-mode": "agent",
    "x-claude-permission-mode": "default",
  });
  const waiting = page.getByRole("list", { name: "Needs a person" });
  await waiting.getByText("touch asked-for").first().waitFor();
  await photograph(page, "overview-waiting");
  expect(await accessibilityProblems(page)).toEqual([]);
  const id = (await waiting.getByRole("link").getAttribute("href"))!.split("/").at(-1)!;
  const { prompts } = (await (
    await fetch(`${lodge.url}/api/sessions/${id}`, { headers: { authorization: `Bearer ${lodge.token}` } })
  ).json()) as {
    prompts: { id: string; options: { id: string }[] }[];
  };
  await lodge.post(`/api/sessions/${id}/answers`, { promptId: prompts[0]!.id, option: "deny" });
  await (await held).text();
  await underWay.getByRole("link", { name: "slow: 300" }).click();
  await page.waitForURL(new RegExp(`/work/${runId}$`));
  await lodge.post(`/api/jobs/${runId}/cancel`, {});
  await page.goBack();
  await page.getByText("Nothing needs you.").waitFor();
  expect(complaints).toEqual([]);
});

test("workspaces are listed with what lives in them", async () => {
  await using visitor = await visitors.regular();
  const { page, complaints } = visitor;
  await visitor.enter();
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Workspaces" }).click();
  const table = page.getByRole("table", { name: "Workspaces" });
  await table.getByRole("row").filter({ hasText: "website" }).getByText("git").waitFor();
  await table.getByRole("row").filter({ hasText: "notes" }).waitFor();
  expect(complaints).toEqual([]);
});

test("the command palette leads to a page and to a session, by the keyboard alone", async () => {
  await using visitor = await visitors.regular();
  const { page, complaints } = visitor;
  await visitor.enter();
  await page.keyboard.press("Control+k");
  const field = page.getByRole("textbox", { name: "Command palette" });
  const build = page.getByRole("button", { name: /The build is green/ });
  const found = await lodge.fetch(`/api/sessions?${new URLSearchParams({ q: "The build is green" })}`);
  const { id } = ((await found.json()) as { sessions: SessionSummary[] }).sessions[0]!;
  await field.fill(id.slice(0, 13));
  await build.waitFor();
  // Any few digits are in the midst of some id.
  await field.fill(id.slice(9));
  await build.waitFor({ state: "detached" });
  await field.fill("build is");
  await build.waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "echo: The build is green.", level: 1 }).waitFor();
  await page.getByRole("button", { name: "Go to anything" }).click();
  await field.fill("usage");
  await page.getByRole("button", { name: "Usage", exact: true }).waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Usage", level: 1 }).waitFor();
  await field.waitFor({ state: "hidden" });
  expect(complaints).toEqual([]);
});

test("the colours go round from the system's to light to dark, and stay as chosen", async () => {
  await using visitor = await visitors.regular({ colorScheme: "light" });
  const { page } = visitor;
  await visitor.enter();
  const scheme = () => page.evaluate(() => document.documentElement.dataset["mantineColorScheme"]);
  expect(await scheme()).toBe("light");
  await page.getByRole("button", { name: "Colours: as the system" }).click();
  await page.getByRole("button", { name: "Colours: light" }).click();
  await page.getByRole("button", { name: "Colours: dark" }).waitFor();
  expect(await scheme()).toBe("dark");
  await page.reload();
  await page.getByRole("button", { name: "Colours: dark" }).waitFor();
  expect(await scheme()).toBe("dark");
});

test("the API's page asks for the token, then shows every call, under its own policy", async () => {
  await using visitor = await visitors.visit();
  const { page, complaints } = visitor;
  await page.goto(`${lodge.url}/swagger`);
  await page.getByLabel("Token").fill("not-the-token");
  await page.getByRole("button", { name: "Show the API" }).click();
  await page.getByRole("alert").getByText("not the one").waitFor();
  await page.getByLabel("Token").fill(lodge.token);
  await page.getByRole("button", { name: "Show the API" }).click();
  await page.getByText("/v1/chat/completions", { exact: true }).first().waitFor();
  await photograph(page, "swagger");

  // A call is tried with the token that was given above.
  await page.getByText("/status", { exact: true }).first().click();
  await page.getByRole("button", { name: "Try it out" }).click();
  const [reply] = await Promise.all([
    page.waitForResponse((response) => response.url().endsWith("/status")),
    page.getByRole("button", { name: "Execute", exact: true }).click(),
  ]);
  expect(reply.status()).toBe(200);
  // The refusals of no token and of a wrong one are the only errors.
  expect(complaints.filter((complaint) => !complaint.includes("401"))).toEqual([]);
});
