// What the page of a live terminal offers beside the screen, in a real Chromium, with the CLI's own interactive screen.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { encodeOutput, encodeSnapshot, type TerminalServerMessage } from "@lodge/shared";
import type { Page, WebSocketRoute } from "playwright-core";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { type Counted, countContexts } from "../harness/soak-page.ts";
import { askIn, line, linesOf, readOut, shows, until, watchSession } from "../harness/terminal-page.ts";
import { accessibilityProblems, openBrowser, phone, photograph, type Visitors } from "../harness/visits.ts";

// Longer than what a test waits for: running out of time here would end the browser.
setDefaultTimeout(180_000);

const clipboardRights = { permissions: ["clipboard-read", "clipboard-write"] };
/** First byte of a frame of output. */
const outputOpcode = 1;

let lodge: TestLodge;
let visitors: Visitors;
let session: string;

beforeAll(async () => {
  lodge = await startTestLodge({ LODGE_IDLE_SECONDS: "600" });
  visitors = await openBrowser(lodge);
  await mkdir(join(lodge.data, "workspaces", "shop"));
  session = await ask("echo: The first answer");
});
afterAll(async () => {
  await visitors[Symbol.asyncDispose]();
  await lodge[Symbol.asyncDispose]();
});

const ask = (content: string) => askIn(lodge, "tui", content, { "x-claude-driver": "terminal" });

async function takeControl(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Take control" }).click();
  await line(page).getByText("You type").waitFor();
  await page.locator(".xterm-screen").click();
}

async function leave(page: Page): Promise<void> {
  // Takes back all that was typed and not sent.
  await page.keyboard.press("Control+u");
  await page.getByRole("button", { name: "Release control" }).click();
  await line(page).getByText("Watching").waitFor();
}

const clipboard = (page: Page) => page.evaluate(() => navigator.clipboard.readText());

/** What a program says next, in place of as much of what the CLI does. */
function ventriloquist() {
  let said: Buffer | undefined;
  return {
    prepare: (page: Page) =>
      page.routeWebSocket(/\/socket\?/, (route) => {
        route.connectToServer().onMessage((message) => {
          // An opcode and an offset stand before the bytes.
          if (said && typeof message !== "string" && message[0] === outputOpcode && message.length >= 9 + said.length) {
            said.copy(message, 9);
            said = undefined;
          }
          route.send(message);
        });
      }),
    async say(words: string): Promise<void> {
      said = Buffer.from(words);
      await ask("slow: 5");
      await until(async () => said === undefined);
    },
  };
}

test("what is marked is copied, and what is pasted is typed, by button and by keyboard", async () => {
  await using watcher = await watchSession(visitors, session, { context: clipboardRights });
  const { page } = watcher;
  await shows(page, "● The first answer");
  // The round trip is measured and shown.
  await line(page)
    .getByText(/^<?\d+ ms$/)
    .waitFor();
  await page.getByRole("button", { name: "Find" }).click();
  await page.getByRole("textbox", { name: "Find in the terminal" }).fill("first answer");
  await page.getByRole("button", { name: "Copy the selection" }).click();
  await until(async () => (await clipboard(page)) === "first answer");
  await page.keyboard.press("Escape");

  await takeControl(page);
  await page.evaluate(() => navigator.clipboard.writeText("by the button"));
  await page.getByRole("button", { name: "Paste" }).click();
  await shows(page, "❯ by the button");
  await page.evaluate(() => navigator.clipboard.writeText(" and the keyboard"));
  await page.keyboard.press("Control+Shift+V");
  await shows(page, "❯ by the button and the keyboard");
  await leave(page);
});

test("words are found on the screen, and counted", async () => {
  await using watcher = await watchSession(visitors, session);
  const { page } = watcher;
  await shows(page, "● The first answer");
  await page.getByRole("button", { name: "Find" }).click();
  const words = page.getByRole("textbox", { name: "Find in the terminal" });
  await words.fill("The first answer");
  // What was asked, and what was answered.
  const found = page.getByRole("status", { name: "Found" });
  await found.getByText("2 of 2").waitFor();
  await words.press("Enter");
  await found.getByText("1 of 2").waitFor();
  await page.getByRole("button", { name: "Later" }).click();
  await found.getByText("2 of 2").waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await words.fill("nowhere to be found");
  await page.getByText("Not found").waitFor();
});

test("larger letters make the terminal of the one who types smaller, and nobody else's", async () => {
  // Not as wide as the terminal has been, whatever draws it.
  await using typist = await watchSession(visitors, session, { look: { viewport: { width: 1120, height: 600 } } });
  const sizes = () => typist.messages.filter(({ type }) => type === "resize" || type === "ready");
  const cols = () => Number(sizes().at(-1)!["cols"]);
  await takeControl(typist.page);
  // As wide as the window has room for, which is not told when it was so before.
  await until(async () => cols() > 100 && cols() !== 120);
  const before = cols();
  for (let click = 0; click < 4; click++) await typist.page.getByRole("button", { name: "Larger letters" }).click();
  await until(async () => cols() < before - 10);
  for (let click = 0; click < 4; click++) await typist.page.getByRole("button", { name: "Smaller letters" }).click();
  await until(async () => cols() === before);
  const times = sizes().length;
  await using other = await watchSession(visitors, session, { look: { viewport: phone } });
  await other.page.getByRole("button", { name: "Larger letters" }).click();
  await shows(other.page, "● The first answer");
  await typist.page.keyboard.type("still here");
  await shows(other.page, "❯ still here");
  expect(sizes()).toHaveLength(times);
  await leave(typist.page);
});

test("on a phone the terminal of the desk is seen whole, or as large as one likes and moved by a finger", async () => {
  await using mobile = await watchSession(visitors, session, { context: { viewport: phone, hasTouch: true } });
  const { page } = mobile;
  await shows(page, "● The first answer");
  const width = () => page.locator(".xterm-screen").evaluate((element) => element.clientWidth);
  expect(await width()).toBeLessThan(phone.width);
  await page.getByRole("button", { name: "Fit to the window" }).click();
  await until(async () => (await width()) > phone.width + 100);
  const box = (await page.locator(".xterm-screen").boundingBox())!;
  const debug = await page.context().newCDPSession(page);
  const finger = (x: number) => [{ x, y: box.y + 60 }];
  await debug.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: finger(300) });
  for (let x = 280; x >= 100; x -= 20) {
    await debug.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: finger(x) });
  }
  await debug.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  await until(async () => (await page.locator(".xterm-screen").boundingBox())!.x < box.x - 50);
  await photograph(page, "session-terminal-phone-large");
  await page.getByRole("button", { name: "Fit to the window" }).click();
  await until(async () => (await width()) < phone.width);
});

test("Ctrl of the key bar is held for the next key, and Esc and arrows arrive", async () => {
  await using mobile = await watchSession(visitors, session, { context: { viewport: phone, hasTouch: true } });
  const { page } = mobile;
  await takeControl(page);
  const key = (name: string) => page.getByRole("toolbar", { name: "Keys" }).getByRole("button", { name }).tap();
  await page.keyboard.type("one three");
  await shows(page, "❯ one three");
  for (let press = 0; press < "three".length; press++) await key("Left");
  await page.keyboard.type("two ");
  await shows(page, "❯ one two three");
  await key("Ctrl");
  expect(
    await page
      .getByRole("toolbar", { name: "Keys" })
      .getByRole("button", { name: "Ctrl" })
      .getAttribute("aria-pressed"),
  ).toBe("true");
  await page.keyboard.type("e");
  await page.keyboard.type("!");
  // To the end of the line, and only that key.
  await shows(page, "❯ one two three!");
  await key("Esc");
  await key("Esc");
  await until(async () => !(await linesOf(page)).some((text) => text.includes("three!")));
  await leave(page);
});

test("a line that is broken is said to be, the last screen stays, and it is tried again at a click", async () => {
  const routes: WebSocketRoute[] = [];
  let isUp = true;
  await using watcher = await watchSession(visitors, session, {
    prepare: async (page) => {
      await page.routeWebSocket(/\/socket\?/, (route) => {
        routes.push(route);
        if (isUp) route.connectToServer();
        else void route.close({ code: 3000 });
      });
    },
  });
  const { page } = watcher;
  await shows(page, "● The first answer");
  isUp = false;
  await routes.at(-1)!.close({ code: 3000 });
  const words = page.getByText("The line is broken; this is the last known screen.");
  await words.waitFor();
  await line(page).getByText("Reconnecting").waitFor();
  await until(async () => routes.length > 2);
  await shows(page, "● The first answer");
  await photograph(page, "session-terminal-broken");
  isUp = true;
  await page.getByRole("button", { name: "Try now" }).click();
  await line(page).getByText("Watching").waitFor();
  await words.waitFor({ state: "detached" });
});

test("a program fills the clipboard of the one who types, and no one else's", async () => {
  const program = ventriloquist();
  await using watcher = await watchSession(visitors, session, { context: clipboardRights, prepare: program.prepare });
  const { page } = watcher;
  const copied = (text: string) => `\u001b]52;c;${Buffer.from(text).toString("base64")}\u0007`;
  await page.evaluate(() => navigator.clipboard.writeText("mine"));
  await program.say(copied("stolen"));
  await shows(page, "word5");
  expect(await clipboard(page)).toBe("mine");
  await takeControl(page);
  await program.say(copied("given"));
  await until(async () => (await clipboard(page)) === "given");
  await leave(page);
});

test("what breaks the emulator does not stop the page's", async () => {
  const visitor = await visitors.visit();
  await using _visitor = visitor;
  const { page } = visitor;
  await readOut(page);
  const bytes = (text: string) => new TextEncoder().encode(text);
  // The terminal of a program that says just this, and that the real one is not asked to run.
  await page.routeWebSocket(/\/socket\?/, (route) => {
    const tell = (message: TerminalServerMessage) => route.send(JSON.stringify(message));
    const id = crypto.randomUUID();
    const size = { cols: 120, rows: 40 };
    route.onMessage((message) => {
      if (typeof message !== "string" || !message.includes('"hello"')) return;
      tell({
        type: "ready",
        sessionId: session,
        viewerId: id,
        stream: id,
        resumed: false,
        offset: 0,
        ...size,
        role: "viewer",
        driver: "terminal",
        canControl: false,
        state: { name: "running" },
      });
      route.send(Buffer.from(encodeSnapshot({ offset: 0, ...size, gzip: false, state: bytes("one") })));
      // All before the last cell is erased, with no line below: xterm.js fails there when nothing keeps it away.
      const erased = bytes("\u001b[40;120H\u001b[1J");
      route.send(Buffer.from(encodeOutput(0, erased)));
      route.send(Buffer.from(encodeOutput(erased.length, bytes("\u001b[Htwo"))));
    });
  });
  await visitor.enter(`/sessions/${session}?view=terminal`);
  await shows(page, "two");
  expect((await linesOf(page)).join("")).not.toContain("one");
  expect(visitor.complaints).toEqual([]);
});

test("the terminal is shown on all of the screen, and goes on when the graphics card forgets it", async () => {
  await using watcher = await watchSession(visitors, session, {
    // Small, since there may be no graphics card to draw it.
    context: { viewport: { width: 640, height: 480 } },
    renderer: "webgl",
    prepare: async (page) => {
      await page.addInitScript(countContexts);
    },
  });
  const { page } = watcher;
  await page.getByRole("button", { name: "Full screen" }).click();
  await page.waitForFunction(() => document.fullscreenElement?.querySelector(".xterm") !== null);
  await page.getByRole("button", { name: "Full screen" }).click();
  await page.waitForFunction(() => document.fullscreenElement === null);
  // A browser has sixteen contexts at one time: one that is not seen any more must not wait for the collector.
  const contexts = () => page.evaluate(() => (window as unknown as Counted).contextsAlive());
  for (let time = 0; time < 3; time++) {
    expect(await contexts()).toBe(1);
    await page.getByRole("link", { name: "Details" }).click();
    await page.getByText("Session id").waitFor();
    expect(await contexts()).toBe(0);
    await page.getByRole("link", { name: "Terminal" }).click();
    await page.locator(".xterm canvas").first().waitFor({ state: "attached" });
  }
  const lost = await page.evaluate(() => {
    const all = [...document.querySelectorAll<HTMLCanvasElement>(".xterm canvas")].map((canvas) =>
      canvas.getContext("webgl2")?.getExtension("WEBGL_lose_context"),
    );
    for (const context of all) context?.loseContext();
    return all.filter(Boolean).length;
  });
  expect(lost).toBe(1);
  // The emulator draws with elements of the page from then on.
  await page.locator(".xterm-rows > div").first().waitFor({ state: "attached" });
  await ask("echo: Still drawn");
  await page.locator(".xterm-rows").getByText("Still drawn").first().waitFor();
});

test("without a graphics card the page draws the terminal, or what its person chooses", async () => {
  await using watcher = await watchSession(visitors, session, {
    context: { viewport: { width: 640, height: 480 } },
    prepare: async (page) => {
      await page.addInitScript(countContexts);
    },
  });
  const { page } = watcher;
  const contexts = () => page.evaluate(() => (window as unknown as Counted).contextsAlive());
  const rows = page.locator(".xterm-rows");
  const choose = async (name: string) => {
    await page.getByRole("button", { name: "Drawn by" }).click();
    await page.getByRole("menuitemradio", { name }).click();
  };
  // The browser of these tests has none. To find that out leaves no context behind.
  await rows.getByText(/\S/).first().waitFor();
  expect(await contexts()).toBe(0);
  await choose("The graphics card");
  await rows.waitFor({ state: "detached" });
  expect(await contexts()).toBe(1);
  await page.reload();
  await page.locator(".xterm canvas").first().waitFor({ state: "attached" });
  expect(await contexts()).toBe(1);
  await choose("The page");
  await rows.getByText(/\S/).first().waitFor();
  expect(await contexts()).toBe(0);
});

test("who did what to a session is a click from its page", async () => {
  await using watcher = await watchSession(visitors, session);
  const { page } = watcher;
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Audit: who did what" }).click();
  await page.waitForURL((url) => url.pathname === "/audit" && url.searchParams.get("session") === session);
});
