/** What the tests of a session's page read from it: the line to its terminal, and the words on its screen. */
import type { BrowserContextOptions, Page, WebSocket } from "playwright-core";
import type { TestLodge } from "./lodge.ts";
import type { Look, Visit, Visitors } from "./visits.ts";

/** One turn in the session of that name, in the workspace `shop`; the session's id. */
export async function askIn(
  lodge: TestLodge,
  name: string,
  content: string,
  headers: Record<string, string> = {},
): Promise<string> {
  const reply = await lodge.post(
    "/v1/messages",
    { model: "sonnet", max_tokens: 10_000, messages: [{ role: "user", content }] },
    { "x-claude-session": name, "x-claude-mode": "agent", "x-claude-workspace": "shop", ...headers },
  );
  await reply.text();
  return reply.headers.get("x-claude-session") ?? "";
}

export interface Watcher extends Visit {
  /** Messages of the server, as JSON. */
  messages: { type: string; [member: string]: unknown }[];
}

export interface WatchOptions {
  look?: Look;
  /** What a browser of its own is made with. */
  context?: BrowserContextOptions;
  view?: string;
  /** By what the terminal is drawn; as it is where nobody has chosen when absent. */
  renderer?: "webgl" | "dom";
  /** Before the page is opened. */
  prepare?: (page: Page) => Promise<void>;
}

/** No larger than a terminal needs to be: there may be no graphics card to draw it. */
const small = { width: 960, height: 600 };

/** A browser that shows a session, with the screen's words in the page as for a screen reader. */
export async function watchSession(visitors: Visitors, id: string, options: WatchOptions = {}): Promise<Watcher> {
  const { look, context, view = "terminal", renderer, prepare } = options;
  const isRegular = context === undefined && prepare === undefined;
  const visitor = isRegular
    ? await visitors.regular({ viewport: small, ...look })
    : await visitors.visit({ viewport: small, ...look, ...context });
  const { page } = visitor;
  const messages: Watcher["messages"] = [];
  const listen = (socket: WebSocket) =>
    socket.on("framereceived", ({ payload }) => {
      if (typeof payload === "string") messages.push(JSON.parse(payload) as Watcher["messages"][number]);
    });
  page.on("websocket", listen);
  await using stack = new AsyncDisposableStack();
  stack.use(visitor);
  stack.defer(() => void page.off("websocket", listen));
  if (isRegular) await page.evaluate(keepTerminal, renderer ?? "auto");
  else await readOut(page, renderer);
  await prepare?.(page);
  await visitor.enter(`/sessions/${id}?view=${view}`);
  await line(page)
    .getByText(/Watching|You type|Log/)
    .waitFor();
  const kept = stack.move();
  return { ...visitor, messages, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

export const line = (page: Page) => page.getByRole("status", { name: "Line to the terminal" });

/** What is on the screen, line by line, as the page has it for screen readers. */
export async function linesOf(page: Page): Promise<string[]> {
  const all = await page.locator(".xterm-accessibility-tree > div").allTextContents();
  return all.map((text) => text.replaceAll("\u00a0", " ").trimEnd());
}

export async function until(isSo: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error("it did not come about within 30 s");
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

export const shows = (page: Page, words: string): Promise<void> =>
  until(async () => (await linesOf(page)).some((text) => text.includes(words)));

/** This browser keeps the screen's words in the page from now on. */
export async function readOut(page: Page, renderer = "auto"): Promise<void> {
  await page.context().addInitScript(keepTerminal, renderer);
}

function keepTerminal(renderer: string): void {
  // What is chosen on the page is not chosen anew when it is loaded again.
  if (localStorage.getItem("lodge-terminal") !== null) return;
  localStorage.setItem("lodge-terminal", JSON.stringify({ fontSize: 13, screenReader: true, renderer }));
}
