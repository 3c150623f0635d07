/** What a page does while it loads: when it has painted what is meant, and what it moved about afterwards. */
import type { Page } from "playwright-core";

interface Loading extends Window {
  shifts: { value: number; what: string[] }[];
}

/** From the next load on. */
export async function watchLoading(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const loading = window as unknown as Loading;
    loading.shifts = [];
    interface Shift extends PerformanceEntry {
      value: number;
      hadRecentInput: boolean;
      sources: { node: Node | null }[];
    }
    new PerformanceObserver((list) => {
      for (const { value, hadRecentInput, sources } of list.getEntries() as Shift[]) {
        if (hadRecentInput) continue;
        const what = sources.map(
          ({ node }) => (node instanceof Element ? node : node?.parentElement)?.outerHTML.slice(0, 120) ?? "",
        );
        loading.shifts.push({ value, what });
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
}

/** What moved without anybody's doing since the page was loaded, once what is due is painted. */
export async function shiftsOf(page: Page): Promise<{ value: number; what: string[] }[]> {
  return page.evaluate(async () => {
    for (let frame = 0; frame < 3; frame++) await new Promise((resolve) => requestAnimationFrame(resolve));
    return (window as unknown as Loading).shifts;
  });
}

/** Milliseconds from the beginning of the load to the frame after what is there now; asked when that is what is meant. */
export const paintedMs = (page: Page): Promise<number> =>
  page.evaluate(async () => {
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    return performance.now();
  });
