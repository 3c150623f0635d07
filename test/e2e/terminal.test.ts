// A session's live terminal in a real Chromium, with the CLI's own interactive screen on the other side.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { SessionSummary } from "@lodge/shared";
import type { WebSocketRoute } from "playwright-core";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import {
  askIn,
  line,
  linesOf,
  readOut,
  shows,
  until,
  type Watcher,
  type WatchOptions,
  watchSession,
} from "../harness/terminal-page.ts";
import {
  accessibilityProblems,
  openBrowser,
  overflows,
  phone,
  photograph,
  type Visitors,
  wear,
} from "../harness/visits.ts";

// Longer than what a test waits for: running out of time here would end the browser.
setDefaultTimeout(180_000);

let lodge: TestLodge;
let visitors: Visitors;
/** A session with the interactive CLI. */
let session: string;

beforeAll(async () => {
  lodge = await startTestLodge({ LODGE_IDLE_SECONDS: "600" });
  visitors = await openBrowser(lodge);
  await mkdir(join(lodge.data, "workspaces", "shop"));
  session = await ask("echo: The first answer", "tui", { "x-claude-driver": "terminal" });
});
afterAll(async () => {
  await visitors[Symbol.asyncDispose]();
  await lodge[Symbol.asyncDispose]();
});

const ask = (content: string, name: string, headers: Record<string, string> = {}): Promise<string> =>
  askIn(lodge, name, content, headers);

const watch = (id = session, options: WatchOptions = {}): Promise<Watcher> => watchSession(visitors, id, options);

let spoken: Promise<string> | undefined;
/** A session that clients speak to, and that has run a command; the same for all who ask. */
const spokenTo = (): Promise<string> => (spoken ??= ask('tool: Bash {"command":"echo hello"}', "api"));

async function processOf(id: string): Promise<number | undefined> {
  const { session: found } = (await (await lodge.fetch(`/api/sessions/${id}`)).json()) as { session: SessionSummary };
  return found.pid;
}

async function sessionState(id: string): Promise<SessionSummary["state"]["name"]> {
  const { session: found } = (await (await lodge.fetch(`/api/sessions/${id}`)).json()) as { session: SessionSummary };
  return found.state.name;
}

test("a prompt is typed in the browser, and its answer is seen in the terminal and in the transcript", async () => {
  await using watcher = await watch();
  const { page } = watcher;
  await shows(page, "The first answer");
  await page.locator(".xterm-screen").click();
  await page.keyboard.type("echo: Typed by hand");
  await line(page).getByText("You type").waitFor();
  await shows(page, "echo: Typed by hand");
  await page.keyboard.press("Enter");
  await shows(page, "● Typed by hand");
  await photograph(page, "session-terminal");
  await page.getByRole("link", { name: "Transcript" }).click();
  await page.getByRole("log", { name: "Transcript" }).getByText("Typed by hand", { exact: true }).waitFor();
});

test("a socket that drops in mid-output is taken up again without a lost or doubled cell", async () => {
  await using watcher = await watch();
  await using dropped = await visitors.visit();
  const routes: WebSocketRoute[] = [];
  const { page } = dropped;
  await readOut(page);
  let resumed = 0;
  await page.routeWebSocket(/\/socket\?/, (route) => {
    routes.push(route);
    const server = route.connectToServer();
    server.onMessage((message) => {
      if (typeof message === "string" && message.includes('"resumed":true')) resumed++;
      route.send(message);
    });
  });
  await dropped.enter(`/sessions/${session}?view=terminal`);
  const turn = ask("slow: 60", "tui", { "x-claude-driver": "terminal" });
  await shows(page, "word10");
  for (let drop = 1; drop <= 2; drop++) {
    await routes.at(-1)!.close({ code: 3000 });
    await until(async () => resumed === drop);
  }
  await turn;
  await until(async () => (await sessionState(session)) === "ready");
  await Promise.all([shows(page, "word60"), shows(watcher.page, "word60")]);
  await until(async () => Bun.deepEquals(await linesOf(page), await linesOf(watcher.page)));
  expect(routes).toHaveLength(3);
});

test("a page that is loaded again in the midst of an output shows all of it", async () => {
  await using watcher = await watch();
  const { page } = watcher;
  const turn = ask("slow: 50", "tui", { "x-claude-driver": "terminal" });
  await shows(page, "word15");
  await page.reload();
  await shows(page, "word1 word2 word3");
  await turn;
  await shows(page, "word50");
});

test("one types and the other sees it; who takes over is told to who had it", async () => {
  await using first = await watch();
  await using second = await watch();
  expect(first.messages.some(({ type }) => type === "control")).toBe(false);
  await first.page.getByRole("button", { name: "Take control" }).click();
  await line(first.page).getByText("You type").waitFor();
  await first.page.locator(".xterm-screen").click();
  await first.page.keyboard.type("from the first");
  await shows(second.page, "from the first");

  // Typing alone takes nothing from anybody.
  await second.page.locator(".xterm-screen").click();
  await second.page.keyboard.type("x");
  await second.page.getByText("What you typed was not sent.").waitFor();
  await second.page.getByRole("button", { name: "Take control" }).first().click();
  await line(second.page).getByText("You type").waitFor();
  await first.page.getByText("has taken the control. You watch.").waitFor();
  await photograph(first.page, "session-terminal-taken");
  await second.page.locator(".xterm-screen").click();
  for (let key = 0; key < "from the first".length; key++) await second.page.keyboard.press("Backspace");
  await second.page.keyboard.type("from the second");
  await shows(first.page, "from the second");
  for (let key = 0; key < "from the second".length; key++) await second.page.keyboard.press("Backspace");
});

test("who watches is known by name, and by another as soon as it is given", async () => {
  await using first = await watch();
  await using second = await watch();
  await first.page.getByRole("button", { name: "Who is watching: 2 viewers" }).click();
  const names = first.page.getByRole("list", { name: "Who is watching" }).getByRole("listitem");
  expect(await names.allTextContents()).toEqual(Array(2).fill(expect.stringContaining("Chrome on Linux")));
  await second.page.getByRole("button", { name: "Who is watching" }).click();
  await second.page.getByRole("textbox", { name: "Your name" }).fill("Ada");
  await second.page.getByRole("textbox", { name: "Your name" }).press("Enter");
  await names.filter({ hasText: "Ada (Chrome on Linux)" }).waitFor();
  await photograph(first.page, "session-terminal-viewers");
  expect(await names.count()).toBe(2);
});

test("a phone sees the whole terminal of the desk, and changes nothing about it", async () => {
  await using desktop = await watch();
  await desktop.page.getByRole("button", { name: "Take control" }).click();
  await line(desktop.page).getByText("You type").waitFor();
  await desktop.page.locator(".xterm-screen").click();
  await desktop.page.keyboard.type("echo: on the desk");
  await desktop.page.keyboard.press("Enter");
  await shows(desktop.page, "● on the desk");

  const before = desktop.messages.filter(({ type }) => type === "resize").length;
  await using mobile = await watch(session, { context: { viewport: phone, hasTouch: true } });
  await shows(mobile.page, "● on the desk");
  await until(async () => Bun.deepEquals(await linesOf(mobile.page), await linesOf(desktop.page)));
  expect(desktop.messages.filter(({ type }) => type === "resize")).toHaveLength(before);
  // All of its columns are within the window.
  const width = await mobile.page.locator(".xterm-screen").evaluate((element) => element.getBoundingClientRect().right);
  expect(width).toBeLessThanOrEqual(phone.width);
  expect(await overflows(mobile.page)).toBe(false);
  await photograph(mobile.page, "session-terminal-phone");

  // Its keys are a tap away once it has the control.
  await mobile.page.getByRole("button", { name: "Take control" }).click();
  await line(mobile.page).getByText("You type").waitFor();
  await mobile.page.getByRole("toolbar", { name: "Keys" }).getByRole("button", { name: "Up" }).click();
  await shows(mobile.page, "❯ echo: on the desk");
  await mobile.page.getByRole("button", { name: "Release control" }).click();
});

test("a session that is spoken to by API shows its log, without a keyboard", async () => {
  const id = await spokenTo();
  await using watcher = await watch(id);
  const { page } = watcher;
  await shows(page, "Bash");
  await line(page).getByText("Log").waitFor();
  expect(await page.getByRole("button", { name: "Take control" }).count()).toBe(0);
  await page.locator(".xterm-screen").click();
  await page.keyboard.type("x");
  await page.getByText("there is no keyboard to type on").waitFor();
});

test("a session that was spoken to by API is taken over, typed into, and given back", async () => {
  const id = await ask("echo: said by API", "taken");
  await using watcher = await watch(id);
  const { page } = watcher;
  await line(page).getByText("Log").waitFor();
  await page.getByRole("button", { name: "Take over" }).click();
  await line(page).getByText("Watching").waitFor();
  await shows(page, "● said by API");
  await page.getByTitle("has this session to themselves").waitFor();
  const before = await processOf(id);
  await page.getByRole("button", { name: "Restart", exact: true }).click();
  await page.getByRole("button", { name: "Really restart" }).click();
  await until(async () => ![undefined, before].includes(await processOf(id)));
  await line(page).getByText("Watching").waitFor();
  await shows(page, "● said by API");
  await page.locator(".xterm-screen").click();
  await page.keyboard.type("echo: said by hand");
  await shows(page, "echo: said by hand");
  await page.keyboard.press("Enter");
  await shows(page, "● said by hand");
  await until(async () => (await sessionState(id)) === "ready");
  await page.keyboard.type("not sent yet");
  await shows(page, "not sent yet");
  await page.getByRole("button", { name: "Give back" }).click();
  await page.getByText("holds text that was not sent").waitFor();
  await shows(page, "not sent yet");
  await page.getByRole("button", { name: "Give back without it" }).click();
  await page.getByText("This session has no process at the moment").waitFor();
  await page.getByRole("button", { name: "Resume in terminal" }).waitFor();
  // Whoever speaks to it by API goes on from what the person said.
  expect(await ask("turns", "taken")).toBe(id);
  await page.getByRole("link", { name: "Transcript" }).click();
  await page.getByRole("log", { name: "Transcript" }).getByText("3", { exact: true }).waitFor();
});

test.each([
  ["stream", "api", spokenTo],
  ["terminal", "tui", async () => session],
] as const)("a turn of a client is interrupted from the page: %s", async (driver, name, made) => {
  const headers = { "x-claude-driver": driver };
  const id = await made();
  await using watcher = await watch(id);
  const { page } = watcher;
  const reply = lodge.post(
    "/v1/messages",
    { model: "sonnet", max_tokens: 10_000, messages: [{ role: "user", content: "slow: 500" }] },
    { "x-claude-session": name, "x-claude-mode": "agent", "x-claude-workspace": "shop", ...headers },
  );
  await shows(page, "word3");
  await page.getByRole("button", { name: "Interrupt" }).click();
  const response = await reply;
  expect(response.status).toBe(504);
  expect(await response.json()).toMatchObject({ error: { message: "The turn was interrupted." } });
  await page.getByRole("button", { name: "Interrupt" }).waitFor({ state: "detached" });
  // The session is as good as before.
  expect(await ask("echo: after", name, headers)).toBe(id);
});

test("a session is opened in a workspace, for a person alone", async () => {
  await using visitor = await visitors.regular();
  const { page } = visitor;
  await visitor.enter("/workspaces");
  await page.getByRole("button", { name: "New session in shop" }).click();
  await page.waitForURL(/\/sessions\/[\da-f-]{36}\?view=terminal$/);
  await line(page).getByText("Watching").waitFor();
  await page.getByRole("button", { name: "Text for screen readers" }).click();
  await shows(page, "Claude Code");
  await page.getByRole("button", { name: "End", exact: true }).click();
  await page.getByRole("button", { name: "Really end" }).click();
});

test("terminal and transcript are accessible, in light and in dark, and stay as wide as they were made", async () => {
  const look = { colorScheme: "dark", viewport: { width: 1440, height: 900 } } as const;
  await using watcher = await watch(session, { look, view: "both" });
  const { page } = watcher;
  await page.getByRole("log", { name: "Transcript" }).getByRole("article").first().waitFor();
  await shows(page, "❯");
  // It begins at its end.
  expect(await page.getByRole("button", { name: "Jump to latest" }).count()).toBe(0);
  for (const colorScheme of ["dark", "light"] as const) {
    await wear(page, colorScheme);
    await photograph(page, `session-both-${colorScheme}`);
    expect(await accessibilityProblems(page)).toEqual([]);
  }
  const width = () => page.getByRole("region", { name: "Terminal" }).evaluate((part) => part.clientWidth);
  const usual = await width();
  await page.getByRole("separator", { name: "Width of the terminal" }).focus();
  for (let step = 0; step < 5; step++) await page.keyboard.press("ArrowLeft");
  await until(async () => (await width()) < usual - 50);
  const chosen = await width();
  await page.reload();
  await line(page).getByText("Watching").waitFor();
  await until(async () => Math.abs((await width()) - chosen) < 2);
});

test("what a session's terminal showed is played, downloaded and deleted, also when it has no process any more", async () => {
  const id = await ask("echo: Once upon a time", "recorded", { "x-claude-driver": "terminal" });
  await ask("echo: And so it ended", "recorded", { "x-claude-driver": "terminal" });
  await lodge.post(`/api/sessions/${id}/end`, {});
  await until(async () => (await sessionState(id)) === "hibernated");

  await using visitor = await visitors.regular({ colorScheme: "dark" });
  const { page } = visitor;
  await visitor.enter(`/sessions/${id}?view=recordings`);
  await page.getByRole("button", { name: "Play", exact: true }).click();
  const turns = page.getByRole("list", { name: "Turns in this recording" }).getByRole("button");
  await turns.nth(1).waitFor();
  expect(await turns.count()).toBe(2);
  await turns.last().click();
  const player = page.getByRole("region", { name: "Player" });
  await player.getByText("Once upon a time").first().waitFor();
  await player.getByRole("button", { name: "Play" }).click();
  // Played to its end: the CLI has left its screen.
  await player.getByText("Resume this session with:").waitFor();
  expect(visitor.complaints).toEqual([]);
  await photograph(page, "session-recordings-dark");
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(phone);
  await photograph(page, "session-recordings-phone");
  expect(await overflows(page)).toBe(false);

  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download" }).click();
  expect((await download).suggestedFilename()).toMatch(/^lodge-.*\.cast$/);
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Really delete" }).click();
  await page.getByText("No recordings").waitFor();
});

test("a CLI that is not logged in is said to be so, with the way to log in", async () => {
  const id = await ask("echo: still in", "locked-out");
  await ask("fail: 401", "locked-out");
  await using visitor = await visitors.regular();
  const { page } = visitor;
  await visitor.enter(`/sessions/${id}?view=transcript`);
  await page.getByText("The Claude CLI is not logged in.").waitFor();
  await photograph(page, "session-login");
  await page.getByRole("button", { name: "Open an interactive session" }).click();
  await page.waitForURL((url) => url.searchParams.get("view") === "terminal" && !url.pathname.includes(id));
  await page.getByText("Type /login in the terminal here.").waitFor();
  await page.getByRole("button", { name: "End", exact: true }).click();
  await page.getByRole("button", { name: "Really end" }).click();
  await ask("echo: let in", "locked-out");
  const overview = (await (await lodge.fetch("/api/overview?since=0")).json()) as { needsLogin: boolean };
  expect(overview.needsLogin).toBe(false);
});
