/** Visits to the dashboard in a real browser, each by somebody who was never here, and what can be asked of a page. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import axe, { type AxeResults, type ElementContext, type RunOptions } from "axe-core";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { launchBrowser } from "./browser.ts";
import type { TestLodge } from "./lodge.ts";

const pictures = join(import.meta.dir, "../../artifacts");
export const desk = { width: 1280, height: 800 };
export const phone = { width: 390, height: 844 };

export interface Visit extends AsyncDisposable {
  page: Page;
  context: BrowserContext;
  /** Errors of the console and of scripts, what the policy forbade, and requests to anywhere else. */
  complaints: string[];
  /** Comes in by the link that the server prints. */
  enter(path?: string): Promise<void>;
}

/** What a page can be given at any time. */
export interface Look {
  viewport?: typeof desk;
  colorScheme?: "light" | "dark";
}

export interface Visitors extends AsyncDisposable {
  /** A browser of somebody who was never here. */
  visit(options?: BrowserContextOptions): Promise<Visit>;
  /**
   * Somebody who has been here: logged in, with the dashboard's files at hand, which makes the visit a cheap one. Nothing
   * else is left of a visit before. What a page is prepared with before it loads would stay, and wants a visit of its own.
   */
  regular(look?: Look): Promise<Visit>;
}

/** One browser for all visits to a server. A test that runs out of time loses it; the next one gets another. */
export async function openBrowser(lodge: TestLodge): Promise<Visitors> {
  let [browser] = await Promise.all([launchBrowser(), mkdir(pictures, { recursive: true })]);
  /** Pages of regulars that nobody is at. */
  const idle: Regular[] = [];
  const visitors: Visitors = {
    async visit(options) {
      if (!browser.isConnected()) browser = await launchBrowser();
      return visit(lodge, browser, options);
    },
    async regular({ viewport = desk, colorScheme = "light" } = {}) {
      let regular = idle.pop();
      while (regular?.page.isClosed()) regular = idle.pop();
      regular ??= await settle(lodge, await visitors.visit());
      const { page, complaints } = regular;
      complaints.length = 0;
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      return { ...regular, [Symbol.asyncDispose]: () => rest(lodge, regular, idle) };
    },
    [Symbol.asyncDispose]: () => browser.close(),
  };
  return visitors;
}

type Regular = Omit<Visit, typeof Symbol.asyncDispose>;

/** A visit that is logged in once, however often it enters. */
async function settle(lodge: TestLodge, visitor: Visit): Promise<Regular> {
  const { page, context, complaints } = visitor;
  let isKnown = false;
  await page.goto(lodge.url + stillFile);
  return {
    page,
    context,
    complaints,
    async enter(path = "/") {
      if (!isKnown) {
        await visitor.enter(path);
        isKnown = true;
        return;
      }
      await page.goto(lodge.url + path);
      await isLive(page);
    },
  };
}

/** One of the dashboard's own that runs nothing. */
const stillFile = "/favicon.svg";

async function rest(lodge: TestLodge, regular: Regular, idle: Regular[]): Promise<void> {
  const { page } = regular;
  if (page.isClosed()) return;
  await page.unrouteAll();
  // The page is gone with this, and what it was following.
  await page.goto(lodge.url + stillFile);
  await page.evaluate(() => {
    localStorage.clear();
    sessionStorage.clear();
  });
  idle.push(regular);
}

const isLive = (page: Page): Promise<void> => page.getByRole("status").getByText("Live").waitFor();

/** What is said of the machine and not of the page. */
const remarks = [
  // A screenshot reads back what was drawn, which a renderer without a graphics card remarks on.
  "GPU stall due to ReadPixels",
  // The terminal's emulator had wanted to be done with a piece of its work sooner.
  "task queue exceeded allotted deadline",
];

async function visit(lodge: TestLodge, browser: Browser, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: desk, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (remarks.some((remark) => message.text().includes(remark))) return;
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(lodge.url)) complaints.push(request.url());
  });
  return {
    page,
    context,
    complaints,
    async enter(path = "/") {
      await page.goto(`${lodge.url}${path}#token=${lodge.token}`);
      await isLive(page);
    },
    [Symbol.asyncDispose]: () => context.close(),
  };
}

/** Keeps what the page looks like among the artefacts. */
export async function photograph(page: Page, name: string): Promise<void> {
  // A window that was made smaller is drawn once as it was before.
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(null)))),
  );
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
}

/** What its source leaves in the page. */
interface Checker {
  axe: { run(context: ElementContext, options: RunOptions): Promise<AxeResults> };
}

/** What axe-core finds against WCAG 2.2 AA, in words. */
export const accessibilityProblems = (page: Page): Promise<string[]> =>
  problemsOf(page, { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] });

/** Of the same what depends on the colours. */
export const colourProblems = (page: Page): Promise<string[]> =>
  problemsOf(page, { type: "rule", values: ["color-contrast", "link-in-text-block"] });

async function problemsOf(page: Page, runOnly: NonNullable<RunOptions["runOnly"]>): Promise<string[]> {
  // In the page's own world, where its policy does not apply to what the debugger evaluates.
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe.source);
  return page.evaluate(async (only) => {
    // What a program in a terminal asks to be faint is so: the emulator keeps half of the contrast of all else for it.
    const { axe: checker } = window as unknown as Checker;
    const { violations } = await checker.run({ exclude: [".xterm-dim"] }, { runOnly: only });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} ${String(target)}: ${failureSummary}`),
    );
  }, runOnly);
}

/** Gives the window another size, and the page the frames in which it takes to it. */
export async function resize(page: Page, size: { width: number; height: number }): Promise<void> {
  await page.setViewportSize(size);
  await page.evaluate(async () => {
    for (let frame = 0; frame < 4; frame++) await new Promise((resolve) => requestAnimationFrame(resolve));
  });
}

/** The page hears of the system's colours a moment later than it gets them. */
export async function wear(page: Page, colorScheme: "light" | "dark"): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await page.waitForFunction(
    (scheme) => (document.documentElement.dataset["mantineColorScheme"] ?? scheme) === scheme,
    colorScheme,
  );
}

/** Whether the page is wider than its window. */
export const overflows = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);

/** The ways in which every page is seen. What a phone's colours are in the dark, the desk's are. */
const looks = [
  ["light", desk, "light", accessibilityProblems],
  ["light-phone", phone, "light", accessibilityProblems],
  ["dark-phone", phone, "dark", null],
  // What does not depend on the colours was looked at in light.
  ["dark", desk, "dark", colourProblems],
] as const;

/**
 * What is wrong with a page, in words, as it is seen on a desk and on a phone, in light and in dark; the last is a desk in
 * the dark. A picture of each, by this name, is kept among the artefacts.
 *
 * @param ready resolves when the page shows again what it is about, in a window of another size
 */
export async function problemsInEachLook(page: Page, name: string, ready = async () => {}): Promise<string[]> {
  const problems: string[] = [];
  for (const [look, size, colorScheme, ofLook] of looks) {
    await wear(page, colorScheme);
    await resize(page, size);
    await ready();
    await photograph(page, `${name}-${look}`);
    if (await overflows(page)) problems.push(`${look}: it is wider than its window`);
    for (const problem of (await ofLook?.(page)) ?? []) problems.push(`${look}: ${problem}`);
  }
  return problems;
}

/**
 * How long the page could not answer to its user while `work` went on: milliseconds of its longest task, as the browser
 * observed it. Where that is more than `enough`, time in which the machine did something else is left out: the browser's
 * trace tells for how long the page's own thread ran in its tasks.
 */
export async function longestTask(page: Page, enough: number, work: () => Promise<void>): Promise<number> {
  const browser = page.context().browser()!;
  await browser.startTracing(page, { categories: ["toplevel", "__metadata"] });
  await page.evaluate(() => {
    let longest = 0;
    const keep = (entries: PerformanceEntryList) => {
      for (const { duration } of entries) longest = Math.max(longest, duration);
    };
    const observer = new PerformanceObserver((list) => keep(list.getEntries()));
    observer.observe({ type: "longtask" });
    const endOfWork = () => {
      keep(observer.takeRecords());
      observer.disconnect();
      return longest;
    };
    Object.assign(window, { endOfWork });
  });
  await work();
  const observed = await page.evaluate(() => (window as unknown as { endOfWork: () => number }).endOfWork());
  const trace = await browser.stopTracing();
  if (observed <= enough) return observed;
  const ran = longestRun(JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] });
  console.log(
    `the longest task took ${Math.round(observed)} ms, in which the page ran for ${Math.round(ran)} ms at most`,
  );
  return Math.min(observed, ran);
}

/** As far as it is read here. Durations in microseconds: on the clock, and of the thread's own. */
interface TraceEvent {
  name: string;
  pid: number;
  tid: number;
  args: { name?: string };
  dur?: number;
  tdur?: number;
}

/** Milliseconds for which the thread of a page ran in one task. */
function longestRun({ traceEvents }: { traceEvents: TraceEvent[] }): number {
  const pages = new Set<string>();
  for (const { name, pid, tid, args } of traceEvents) {
    if (name === "thread_name" && args.name === "CrRendererMain") pages.add(`${pid} ${tid}`);
  }
  let longest = 0;
  let tasks = 0;
  for (const { name, pid, tid, dur = 0, tdur = dur } of traceEvents) {
    if (name !== "ThreadControllerImpl::RunTask" || !pages.has(`${pid} ${tid}`)) continue;
    tasks++;
    longest = Math.max(longest, tdur);
  }
  if (tasks === 0) throw new Error("the browser's trace holds no task of the page");
  return longest / 1000;
}
