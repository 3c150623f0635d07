/** Uploads that take their time, and how far a page says that they are. */
import type { Page } from "playwright-core";

/** Bytes a second that this page sends from now on; none for as many as it can. */
export async function limitUploads(page: Page, bytesPerSecond?: number): Promise<void> {
  const debug = await page.context().newCDPSession(page);
  await debug.send("Network.enable");
  await debug.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: bytesPerSecond ?? -1,
  });
}

/** Notes what the page's bars of that name show from now on. @returns their parts of the whole, in the order shown */
export async function watchProgress(page: Page, label: string): Promise<() => Promise<number[]>> {
  const seen = await page.evaluateHandle((name) => {
    const parts: number[] = [];
    const look = () => {
      for (const bar of document.querySelectorAll("progress")) {
        if (bar.ariaLabel === name && bar.position !== parts.at(-1)) parts.push(bar.position);
      }
    };
    new MutationObserver(look).observe(document.body, {
      childList: true,
      subtree: true,
      attributeFilter: ["value"],
    });
    return parts;
  }, label);
  return () => seen.jsonValue();
}

/** What is wrong with a bar that ought to move, in words; empty when it moved, and never back. */
export function standstill(parts: readonly number[]): string[] {
  const between = parts.filter((part) => part > 0 && part < 1);
  return [
    ...(between.length < 2 ? [`it was seen at ${parts.join(", ") || "nothing"}`] : []),
    ...parts.flatMap((part, index) => (part < (parts[index - 1] ?? 0) ? [`it went back to ${part}`] : [])),
  ];
}
