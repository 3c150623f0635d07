// By the keyboard alone, and by what the dashboard tells of itself: shortcuts, the order of the focus, messages, notifications.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { accessibilityProblems, openBrowser, photograph, type Visitors } from "../harness/visits.ts";

// Longer than what a test waits for: running out of time here would end the browser.
setDefaultTimeout(180_000);

let lodge: TestLodge;
let visitors: Visitors;

beforeAll(async () => {
  lodge = await startTestLodge();
  visitors = await openBrowser(lodge);
  await mkdir(join(lodge.data, "workspaces", "website"), { recursive: true });
  for (const words of ["echo: first", "echo: second"]) await ask(words, "model");
});
afterAll(async () => {
  await visitors[Symbol.asyncDispose]();
  await lodge[Symbol.asyncDispose]();
});

async function ask(content: string, mode: string): Promise<string> {
  const body = { model: "haiku", messages: [{ role: "user", content }] };
  const headers = { "x-claude-workspace": "website", "x-claude-mode": mode, "x-claude-permission-mode": "default" };
  const reply = await lodge.post("/v1/chat/completions", body, headers);
  await reply.text();
  return reply.headers.get("x-claude-session")!;
}

/** A session that asks whether it may, until it is answered. */
async function askLeave(file: string): Promise<{ id: string; answer: () => Promise<void> }> {
  await using watch = await lodge.watch();
  const before = new Set(watch.sessions.keys());
  const turn = ask(`tool: Bash {"command": "touch ${file}", "description": "Make ${file}"}`, "agent");
  const { id } = await watch.until(() =>
    [...watch.sessions.values()].find((each) => !before.has(each.id) && each.state.name === "waiting"),
  );
  return {
    id,
    async answer() {
      const { prompts } = (await (await lodge.fetch(`/api/sessions/${id}`)).json()) as { prompts: { id: string }[] };
      await lodge.post(`/api/sessions/${id}/answers`, { promptId: prompts[0]!.id, option: "deny" });
      await turn;
    },
  };
}

const title = (page: Page, name: string) => page.getByRole("heading", { name, level: 1 }).waitFor();

test("every page is two keys away, rows are stepped through, and the help says so", async () => {
  await using visitor = await visitors.regular();
  const { page, complaints } = visitor;
  await visitor.enter("/usage");
  await page.keyboard.press("?");
  const help = page.getByRole("dialog");
  const keys: [words: string, keys: string[]][] = [];
  await help.getByText("Go to Settings").waitFor();
  for (const row of await help.locator("dl > div").all()) {
    keys.push([await row.locator("dt").innerText(), await row.locator("kbd").allInnerTexts()]);
  }
  await page.keyboard.press("Escape");
  await help.waitFor({ state: "hidden" });
  const places = keys.filter(([words]) => words.startsWith("Go to ") && words !== "Go to anything");
  const links = page.getByRole("navigation", { name: "Main" }).getByRole("link");
  expect(places.length).toBe(await links.count());
  for (const [words, pair] of [...places, ...keys.filter(([each]) => each === "New job")]) {
    for (const key of pair) await page.keyboard.press(key);
    await title(page, words.replace("Go to ", ""));
  }

  await page.keyboard.press("g");
  await page.keyboard.press("s");
  await title(page, "Sessions");
  await page.keyboard.press("/");
  expect(await page.evaluate(() => document.activeElement?.getAttribute("type"))).toBe("search");
  // Keys are text there.
  await page.keyboard.type("j");
  await page.getByText("No session matches").waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  const focused = () => page.evaluate(() => document.activeElement?.textContent);
  await page.getByRole("row").filter({ hasText: "echo: first" }).waitFor();
  await page.keyboard.press("j");
  expect(await focused()).toContain("echo: second");
  await page.keyboard.press("j");
  expect(await focused()).toContain("echo: first");
  await page.keyboard.press("k");
  await page.keyboard.press("Enter");
  await title(page, "echo: second");

  // Whoever speaks to their computer can do without.
  await page.keyboard.press("?");
  await help.getByRole("switch", { name: "Use these shortcuts" }).uncheck();
  await page.keyboard.press("Escape");
  await help.waitFor({ state: "hidden" });
  await page.keyboard.press("g");
  await page.keyboard.press("u");
  await page.keyboard.press("Control+k");
  await page.getByRole("textbox", { name: "Command palette" }).waitFor();
  await title(page, "echo: second");
  expect(complaints).toEqual([]);
});

test("the focus goes in the order of the page, is always seen, and can skip to the content", async () => {
  await using visitor = await visitors.regular();
  const { page } = visitor;
  await visitor.enter("/work/new");
  await title(page, "New job");
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to content");
  await photograph(page, "skip-link");
  await page.keyboard.press("Enter");
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("main");
  await page.keyboard.press("Tab");
  await page.getByLabel("Prompt").and(page.locator(":focus")).waitFor();

  await page.reload();
  await title(page, "New job");
  const seen: { isAfter: boolean; isMarked: boolean; what: string }[] = [];
  for (;;) {
    await page.keyboard.press("Tab");
    const step = await page.evaluate(() => {
      const marked = window as unknown as { before?: Element };
      const now = document.activeElement;
      if (now === null || now === document.body) return null;
      const isAfter =
        marked.before === undefined ||
        (marked.before.compareDocumentPosition(now) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
      marked.before = now;
      const { outlineStyle, boxShadow } = getComputedStyle(now);
      return { isAfter, isMarked: outlineStyle !== "none" || boxShadow !== "none", what: now.outerHTML.slice(0, 100) };
    });
    if (step === null) break;
    seen.push(step);
  }
  // The skip link, the header, every page of the navigation, and the form.
  expect(seen.length).toBeGreaterThan(15);
  expect(seen.filter(({ isAfter, isMarked }) => !isAfter || !isMarked)).toEqual([]);
});

test("what waits for a person is told on whichever page they are, until somebody has answered", async () => {
  await using visitor = await visitors.regular();
  const { page, complaints } = visitor;
  await visitor.enter("/usage");
  const message = page.getByRole("status", { name: "Messages" }).getByText("touch one");
  const first = await askLeave("one");
  await message.waitFor();
  await photograph(page, "message");
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole("status", { name: "Messages" }).getByRole("button", { name: "Show" }).click();
  await page.waitForURL(new RegExp(`/sessions/${first.id}`));
  await message.waitFor({ state: "detached" });
  await first.answer();

  const second = await askLeave("two");
  const other = page.getByRole("status", { name: "Messages" }).getByText("touch two");
  await other.waitFor();
  await second.answer();
  await other.waitFor({ state: "detached" });
  expect(complaints).toEqual([]);
});

interface Hidden extends Window {
  notices: { title: string; body: string; open: () => void }[];
  hide: (isHidden: boolean) => void;
}

test("a page that nobody looks at notifies of what waits, for as long as it is hidden", async () => {
  await using visitor = await visitors.visit();
  const { page, complaints } = visitor;
  await page.clock.install();
  // A browser without a screen shows no notifications, and never hides a page.
  await page.addInitScript(() => {
    const hidden = window as unknown as Hidden;
    hidden.notices = [];
    class Notice extends EventTarget {
      static permission = "default";
      static async requestPermission() {
        return (Notice.permission = "granted");
      }
      constructor(name: string, { body }: { body: string }) {
        super();
        hidden.notices.push({ title: name, body, open: () => this.dispatchEvent(new Event("click")) });
      }
      close() {}
    }
    Object.assign(window, { Notification: Notice });
    hidden.hide = (isHidden) => {
      Object.defineProperty(document, "visibilityState", {
        value: isHidden ? "hidden" : "visible",
        configurable: true,
      });
      document.dispatchEvent(new Event("visibilitychange"));
    };
  });
  await visitor.enter("/usage");
  await page.getByRole("button", { name: "Menu" }).click();
  await page.getByRole("menuitem", { name: "Notify me when a session waits" }).click();
  await page.getByRole("status").getByText("Live").waitFor();

  await page.evaluate(() => (window as unknown as Hidden).hide(true));
  // Longer than a hidden page keeps its stream that has nothing to tell.
  await page.clock.fastForward(20_000);
  const session = await askLeave("three");
  await page.waitForFunction(() => (window as unknown as Hidden).notices.length > 0);
  const notices = () =>
    page.evaluate(() => (window as unknown as Hidden).notices.map(({ title: name, body }) => name + body));
  expect(await notices()).toEqual([expect.stringContaining("waits for you")]);
  expect(await notices()).toEqual([expect.stringContaining("touch three")]);
  await page.evaluate(() => {
    const hidden = window as unknown as Hidden;
    hidden.hide(false);
    hidden.notices[0]!.open();
  });
  await page.waitForURL(new RegExp(`/sessions/${session.id}`));
  await session.answer();
  expect(complaints).toEqual([]);
});
