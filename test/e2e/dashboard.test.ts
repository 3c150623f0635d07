// The dashboard in a real Chromium: what a person sees and does, on a desk and on a phone, in light and dark.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import axe, { type AxeResults, type RunOptions } from "axe-core";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { launchBrowser } from "../harness/browser.ts";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";

setDefaultTimeout(60_000);

const pictures = join(import.meta.dir, "../../artifacts");
const desk = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };

let lodge: TestLodge;
let browser: Browser;

beforeAll(async () => {
  [lodge, browser] = await Promise.all([startTestLodge(), launchBrowser()]);
  await mkdir(pictures, { recursive: true });
  await mkdir(join(lodge.data, "workspaces", "website", ".git"), { recursive: true });
  await mkdir(join(lodge.data, "workspaces", "notes"));
  await Promise.all([ask("echo: The build is green.", "website"), ask("Please tidy up my notes", "notes")]);
});
afterAll(async () => {
  await browser.close();
  await lodge[Symbol.asyncDispose]();
});

async function ask(content: string, workspace: string): Promise<void> {
  const body = { model: "haiku", messages: [{ role: "user", content }] };
  await (await lodge.post("/v1/chat/completions", body, { "x-claude-workspace": workspace })).text();
}

interface Visit extends AsyncDisposable {
  page: Page;
  context: BrowserContext;
  /** Errors of the console and of scripts, what the policy forbade, and requests to anywhere else. */
  complaints: string[];
}

/** A browser of somebody who was never here. */
async function visit(options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: desk, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(lodge.url)) complaints.push(request.url());
  });
  return { page, context, complaints, [Symbol.asyncDispose]: () => context.close() };
}

/** By the link that the server prints. */
async function enter({ page }: Visit, path = "/"): Promise<void> {
  await page.goto(`${lodge.url}${path}#token=${lodge.token}`);
  await page.getByRole("status").getByText("Live").waitFor();
}

const rowOf = (page: Page, title: string) =>
  page.getByRole("table", { name: "Sessions" }).getByRole("row").filter({ hasText: title });

async function photograph(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
}

/** What its source leaves in the page. */
interface Checker {
  axe: { run(root: Document, options: RunOptions): Promise<AxeResults> };
}

/** What axe-core finds against WCAG 2.2 AA, in words. */
async function accessibilityProblems(page: Page): Promise<string[]> {
  // In the page's own world, where its policy does not apply to what the debugger evaluates.
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe: checker } = window as unknown as Checker;
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    const { violations } = await checker.run(document, { runOnly: { type: "tag", values: tags } });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} ${String(target)}: ${failureSummary}`),
    );
  });
}

const overflows = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);

test("the link of the ready line logs in, and its token does not stay in the address", async () => {
  await using visitor = await visit();
  const { page, context, complaints } = visitor;
  await enter(visitor);
  expect(page.url()).not.toContain("token");
  expect(await page.evaluate(() => document.cookie)).toBe("");
  const cookies = await context.cookies();
  expect(cookies).toMatchObject([{ name: "lodge_session", httpOnly: true, sameSite: "Strict" }]);
  expect(cookies[0]!.value).not.toContain(lodge.token);
  await page.reload();
  await page.getByRole("heading", { name: "Sessions", level: 1 }).waitFor();
  await page.goBack().catch(() => null);
  expect(page.url()).not.toContain("token");
  expect(complaints).toEqual([]);
});

test("a wrong token is told, the right one lets in, and a logout out again", async () => {
  await using visitor = await visit();
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
  await page.getByRole("heading", { name: "Sessions", level: 1 }).waitFor();
  await page.getByRole("button", { name: "Menu" }).click();
  await page.getByRole("menuitem", { name: "Log out" }).click();
  await field.waitFor();
});

test("a session is seen live, busy and then ready", async () => {
  await using visitor = await visit();
  const { page, complaints } = visitor;
  await enter(visitor);
  await page.getByText("demo model").waitFor();
  const turn = ask("slow: 20", "website");
  const row = rowOf(page, "slow: 20");
  await row.getByText("Busy").waitFor();
  await photograph(page, "sessions-busy");
  await turn;
  await row.getByText("Ready").waitFor();
  await row.getByText("word20").waitFor();
  await row.getByRole("link", { name: "slow: 20" }).click();
  await page.getByRole("heading", { name: "slow: 20", level: 1 }).waitFor();
  await photograph(page, "session-details");
  expect(complaints).toEqual([]);
});

test("workspaces are listed with what lives in them", async () => {
  await using visitor = await visit();
  const { page, complaints } = visitor;
  await enter(visitor);
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Workspaces" }).click();
  const table = page.getByRole("table", { name: "Workspaces" });
  await table.getByRole("row").filter({ hasText: "website" }).getByText("git").waitFor();
  await table.getByRole("row").filter({ hasText: "notes" }).waitFor();
  await photograph(page, "workspaces");
  expect(complaints).toEqual([]);
});

test("the colours go round from the system's to light to dark, and stay as chosen", async () => {
  await using visitor = await visit({ colorScheme: "light" });
  const { page } = visitor;
  await enter(visitor);
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

for (const colorScheme of ["light", "dark"] as const) {
  test(`every page is accessible and fits a phone, in ${colorScheme}`, async () => {
    await using visitor = await visit({ colorScheme });
    const { page, complaints } = visitor;
    await enter(visitor);
    for (const path of ["/sessions", "/workspaces", "/nowhere"]) {
      await page.goto(lodge.url + path);
      await page.getByRole("heading", { level: 1 }).waitFor();
      if (path !== "/nowhere") await page.getByRole("table").waitFor();
      const name = `${path.slice(1)}-${colorScheme}`;
      await page.setViewportSize(desk);
      await photograph(page, name);
      expect({ path, problems: await accessibilityProblems(page) }).toEqual({ path, problems: [] });
      await page.setViewportSize(phone);
      await photograph(page, `${name}-phone`);
      expect({ path, overflows: await overflows(page) }).toEqual({ path, overflows: false });
      expect({ path, problems: await accessibilityProblems(page) }).toEqual({ path, problems: [] });
    }
    expect(complaints).toEqual([]);
  });
}

test("the API's page asks for the token, then shows every call, under its own policy", async () => {
  await using visitor = await visit();
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
