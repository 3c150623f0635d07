// Every page of the dashboard as it is seen: on a desk and on a phone, in light and in dark; and how it comes to be there.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { makeKey } from "../harness/key-client.ts";
import { paintedMs, shiftsOf, watchLoading } from "../harness/loading.ts";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { desk, openBrowser, problemsInEachLook, type Visit, type Visitors, wear } from "../harness/visits.ts";

// Longer than what a test waits for: running out of time here would end the browser.
setDefaultTimeout(180_000);

let lodge: TestLodge;
let visitors: Visitors;
/** Logged in once for all looks. */
let visitor: Visit;
/** A session with tools, and a job that is over. */
let session: string;
let job: string;

const readme = `# The website\n\nMade by \`build.ts\`.\n\n| Page | Words |\n| --- | --- |\n| Home | 120 |\n`;

beforeAll(async () => {
  lodge = await startTestLodge();
  visitors = await openBrowser(lodge);
  const website = join(lodge.data, "workspaces", "website");
  await Promise.all([
    mkdir(website, { recursive: true }),
    mkdir(join(lodge.data, "workspaces", "notes"), { recursive: true }),
  ]);
  await writeFile(join(website, "README.md"), readme);
  Bun.spawnSync(["git", "init", "-b", "main"], { cwd: website, env: { PATH: process.env["PATH"] ?? "" } });
  session = await ask('tool: Bash {"command": "ls", "description": "Look around"}', "website", "agent");
  await ask("echo: The notes are **tidy**.", "notes");
  job = await handIn({
    prompt: 'tool: Bash {"command": "date", "description": "Say what day it is"}',
    workspace: "notes",
  });
  await handIn({ prompt: "echo: never", workspace: "notes", agent: "nobody" });
  await makeKey(lodge, {
    name: "CI of the website",
    scopes: ["api", "files", "jobs"],
    workspaces: ["website", "notes/archive"],
    requestsPerMinute: 600,
    usdPerDay: 20,
    expiresAt: Date.UTC(2030, 0, 1),
  });
  visitor = await visitors.visit({ colorScheme: "light" });
  await visitor.enter();
});
afterAll(async () => {
  await visitor[Symbol.asyncDispose]();
  await visitors[Symbol.asyncDispose]();
  await lodge[Symbol.asyncDispose]();
});

async function ask(content: string, workspace: string, mode = "model"): Promise<string> {
  const body = { model: "haiku", messages: [{ role: "user", content }] };
  const headers = { "x-claude-workspace": workspace, "x-claude-mode": mode };
  const reply = await lodge.post("/v1/chat/completions", body, headers);
  await reply.text();
  return reply.headers.get("x-claude-session")!;
}

/** @returns its id, when it is over */
async function handIn(form: object): Promise<string> {
  const { job: made } = (await (await lodge.post("/api/jobs", form)).json()) as { job: { id: string } };
  await (await lodge.fetch(`/api/jobs/${made.id}/events`)).text();
  return made.id;
}

interface Look {
  /** Of its pictures. */
  name: string;
  /** As the router has it; none for a page that stands outside of it. */
  route: string | null;
  path: () => string;
  /** What is there when the page has all that it shows. */
  ready: (page: Page) => Promise<unknown>;
  /** What has to be done on it first. */
  act?: (page: Page) => Promise<unknown>;
  /** Seen by somebody who is not logged in. */
  isStranger?: boolean;
}

const table = (name: string) => (page: Page) => page.getByRole("table", { name }).getByRole("row").nth(1).waitFor();
const heading = (name: string) => (page: Page) => page.getByRole("heading", { name, level: 1 }).waitFor();
const at = (path: string) => () => path;

const looks: Look[] = [
  {
    name: "overview",
    route: "/",
    path: at("/"),
    ready: (page) => page.getByRole("list", { name: "Live sessions" }).getByRole("listitem").first().waitFor(),
  },
  { name: "sessions", route: "/sessions", path: at("/sessions"), ready: table("Sessions") },
  {
    name: "session-search",
    route: "/sessions/search",
    path: at("/sessions/search?q=tidy"),
    ready: (page) => page.getByText(/looked through/).waitFor(),
  },
  {
    name: "session-transcript",
    route: "/sessions/$id",
    path: () => `/sessions/${session}?view=transcript`,
    ready: (page) => page.getByRole("log", { name: "Transcript" }).getByText("Look around").first().waitFor(),
  },
  {
    name: "session-details",
    route: "/sessions/$id",
    path: () => `/sessions/${session}?view=details`,
    ready: (page) => page.getByText("Session id").waitFor(),
  },
  { name: "workspaces", route: "/workspaces", path: at("/workspaces"), ready: table("Workspaces") },
  {
    name: "files",
    route: "/workspaces/$name/files/$",
    path: at("/workspaces/website/files/README.md"),
    ready: heading("The website"),
  },
  { name: "work", route: "/work", path: at("/work"), ready: table("Jobs") },
  { name: "work-new", route: "/work/new", path: at("/work/new"), ready: heading("New job") },
  {
    name: "job",
    route: "/work/$id",
    path: () => `/work/${job}`,
    ready: (page) => page.getByRole("log", { name: "Output" }).getByText("Bash").first().waitFor(),
  },
  {
    name: "usage",
    route: "/usage",
    path: at("/usage?range=24h&by=source"),
    ready: (page) =>
      Promise.all([table("Usage by session source")(page), page.locator("figure svg path").first().waitFor()]),
  },
  { name: "settings", route: "/settings", path: at("/settings"), ready: table("Settings") },
  { name: "audit", route: "/audit", path: at("/audit"), ready: table("Audit") },
  { name: "try", route: "/try", path: at("/try?workspace=notes&tools=true"), ready: heading("Try it") },
  {
    name: "try-answered",
    route: "/try",
    path: at("/try?workspace=notes&tools=true"),
    ready: heading("Try it"),
    async act(page) {
      await page.getByLabel("Message", { exact: true }).fill('tool: roll_dice {"count": 3}');
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "Regenerate" }).waitFor();
    },
  },
  {
    name: "login",
    route: null,
    path: at("/"),
    ready: (page) => page.getByLabel("Token", { exact: true }).waitFor(),
    isStranger: true,
  },
  { name: "not-found", route: null, path: at("/nowhere"), ready: heading("There is no page here") },
  {
    name: "palette",
    route: null,
    path: at("/work/new"),
    ready: heading("New job"),
    async act(page) {
      await page.keyboard.press("Control+k");
      await page.getByRole("button", { name: "New API key" }).waitFor();
    },
  },
  {
    name: "shortcuts",
    route: null,
    path: at("/work/new"),
    ready: heading("New job"),
    async act(page) {
      await page.keyboard.press("?");
      await page.getByRole("dialog").getByText("Go to anything").waitFor();
    },
  },
];

test("colours that change under an open page change in all of it at once", async () => {
  const { page } = visitor;
  await wear(page, "light");
  await go(`/sessions/${session}?view=details`);
  await page.getByText("Session id").waitFor();
  for (const scheme of ["dark", "light"] as const) {
    await wear(page, scheme);
    const { transitions, colours } = await page.evaluate(() => ({
      transitions: document.getAnimations().filter((each) => each instanceof CSSTransition).length,
      colours: [document.body, ...document.querySelectorAll("main dd")].map((each) => getComputedStyle(each).color),
    }));
    expect(colours.length).toBeGreaterThan(5);
    // One that begins in each element when that of its parent ends takes a frame for each of them.
    expect({ scheme, transitions, colours: [...new Set(colours)] }).toEqual({
      scheme,
      transitions: 0,
      colours: colours.slice(0, 1),
    });
  }
});

test("no page of the router is without its look", async () => {
  const routes = await visitor.page.evaluate(() =>
    Object.keys((window as unknown as { __TSR_ROUTER__: { routesByPath: object } }).__TSR_ROUTER__.routesByPath),
  );
  // Whoever types that one is led to the overview, or has to log in.
  const seen = new Set([...looks.map(({ route }) => route), "/login"]);
  expect(routes.length).toBeGreaterThan(10);
  expect(routes.filter((route) => !seen.has(route))).toEqual([]);
});

/** Whether something is done on the visitor's page, or went wrong there, that only a load undoes. */
let isTouched = true;

/** Goes to a page from where the visitor is: to see what it looks like, it need not be loaded anew. */
async function go(path: string): Promise<void> {
  const { page } = visitor;
  if (isTouched) {
    await page.goto(lodge.url + path);
    return;
  }
  await page.evaluate((to) => {
    interface Routed extends Window {
      __TSR_ROUTER__: { history: { push(path: string): void } };
    }
    (window as unknown as Routed).__TSR_ROUTER__.history.push(to);
  }, path);
}

/** Whether somebody is logged in is known by asking. */
const unexpected = (complaints: string[], isStranger: boolean) =>
  complaints.filter((complaint) => !isStranger || !complaint.includes("401"));

test.each(looks)("$name: fits a phone, and is accessible", async ({ name, path, ready, act, isStranger = false }) => {
  await using stranger = isStranger ? await visitors.visit() : null;
  const { page, complaints } = stranger ?? visitor;
  complaints.length = 0;
  await wear(page, "light");
  await page.setViewportSize(desk);
  if (stranger) {
    await page.goto(lodge.url + path());
  } else {
    isTouched ||= act !== undefined;
    await go(path());
    isTouched = true;
  }
  await ready(page);
  await act?.(page);
  expect(await problemsInEachLook(page, name)).toEqual([]);
  expect(unexpected(complaints, isStranger)).toEqual([]);
  if (!stranger) isTouched = act !== undefined;
});

/** Milliseconds; more only where more than four programs want each core, since what is measured then is how they share. */
const atOnce = () => 1000 * Math.max(1, loadavg()[0]! / (4 * availableParallelism()));

/**
 * Of the score of layout shifts, of which 0.1 counts as good: less than a heading that moves by a line. One link that did
 * so, on a machine as busy as to paint a page in several pieces, was 0.0001.
 */
const hardly = 0.001;

test.each(looks.filter(({ act }) => !act))(
  "$name: what it is about is painted within a second, and keeps still while it loads",
  async ({ path, ready, isStranger = false }) => {
    const storageState = await visitor.context.storageState();
    let least = Number.POSITIVE_INFINITY;
    // On a machine that does other things beside it: what the page itself takes so long for, it takes so long each time.
    for (let pass = 0; pass < 5 && least > atOnce(); pass++) {
      // Somebody whose browser has nothing of it yet.
      await using fresh = await visitors.visit(isStranger ? {} : { storageState });
      const { page, complaints } = fresh;
      await watchLoading(page);
      await page.goto(lodge.url + path(), { waitUntil: "commit" });
      await ready(page);
      least = Math.min(least, await paintedMs(page));
      const shifts = await shiftsOf(page);
      const moved = shifts.reduce((sum, { value }) => sum + value, 0);
      expect({ shifts: moved < hardly ? [] : shifts }).toEqual({ shifts: [] });
      expect(unexpected(complaints, isStranger)).toEqual([]);
    }
    expect(least).toBeLessThanOrEqual(atOnce());
  },
);
