/** A page that goes to a session's terminal and away from it, and what that leaves behind in the browser. */
import type { CDPSession, Page } from "playwright-core";
import { launchBrowser } from "./browser.ts";
import type { LodgeProcess } from "./process.ts";

export interface PageFootprint {
  /** Bytes of objects that are in use. */
  heap: number;
  /** Elements and texts, in the page or held by something. */
  elements: number;
  listeners: number;
  /** WebGL contexts that are alive, now and at the worst since the page was opened. */
  contexts: number;
  mostContexts: number;
}

export interface SoakPage extends AsyncDisposable {
  /** Goes to the terminal, waits until it is drawn, and leaves it. */
  visit(): Promise<void>;
  footprint(): Promise<PageFootprint>;
}

export interface Counted extends Window {
  contextsAlive(): number;
}

/** Counts the WebGL contexts that were made and have neither been given back nor been collected. */
export function countContexts(): void {
  const made: WeakRef<WebGL2RenderingContext>[] = [];
  type GetContext = typeof HTMLCanvasElement.prototype.getContext;
  // oxlint-disable-next-line typescript/unbound-method -- it is called on its canvas
  const { getContext } = HTMLCanvasElement.prototype;
  HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, ...given: Parameters<GetContext>) {
    const context = getContext.apply(this, given);
    const isNew = context instanceof WebGL2RenderingContext && !made.some((each) => each.deref() === context);
    if (isNew) made.push(new WeakRef(context));
    return context;
  } as GetContext;
  (window as unknown as Counted).contextsAlive = () =>
    made.filter((each) => each.deref()?.isContextLost() === false).length;
}

export async function openSoakPage(lodge: LodgeProcess, session: string): Promise<SoakPage> {
  await using stack = new AsyncDisposableStack();
  const browser = stack.adopt(await launchBrowser(), (opened) => opened.close());
  // Small, since there may be no graphics card to draw it.
  const page = await browser.newPage({ viewport: { width: 640, height: 420 } });
  await page.addInitScript(countContexts);
  // What is counted, on machines without a graphics card too.
  await page.addInitScript(() => localStorage.setItem("lodge-terminal", JSON.stringify({ renderer: "webgl" })));
  await page.goto(`${lodge.url}/sessions/${session}?view=details#token=${lodge.token}`);
  await page.getByText("Session id").waitFor();
  const debug = await page.context().newCDPSession(page);
  let mostContexts = 0;
  const kept = stack.move();
  return {
    async visit() {
      await page.getByRole("link", { name: "Terminal", exact: true }).click();
      await page.getByRole("status", { name: "Line to the terminal" }).getByText("Watching").waitFor();
      await page.locator(".xterm canvas").first().waitFor({ state: "attached" });
      mostContexts = Math.max(mostContexts, await contextsOf(page));
      await page.getByRole("link", { name: "Details", exact: true }).click();
      await page.getByText("Session id").waitFor();
    },
    footprint: async () => ({ ...(await measured(debug)), contexts: await contextsOf(page), mostContexts }),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

const contextsOf = (page: Page): Promise<number> => page.evaluate(() => (window as unknown as Counted).contextsAlive());

async function measured(debug: CDPSession): Promise<Pick<PageFootprint, "heap" | "elements" | "listeners">> {
  // What the first leaves for finalizers goes with the second.
  for (let time = 0; time < 2; time++) await debug.send("HeapProfiler.collectGarbage");
  const { usedSize } = await debug.send("Runtime.getHeapUsage");
  const { nodes, jsEventListeners } = await debug.send("Memory.getDOMCounters");
  return { heap: usedSize, elements: nodes, listeners: jsEventListeners };
}
