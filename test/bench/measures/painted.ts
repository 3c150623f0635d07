/** How long a page takes from its terminal's socket to a painted screen. */
import type { Browser } from "playwright-core";
import type { LodgeProcess } from "../../harness/process.ts";

interface Timed extends Window {
  openedAt?: number;
}

/** What the page's emulator calls it in the browser's timeline. */
const mark = "terminal-painted";

/** Milliseconds. */
export async function paintedAfter(browser: Browser, lodge: LodgeProcess, sessionId: string): Promise<number> {
  const page = await browser.newPage();
  try {
    await page.addInitScript(() => {
      const timed = window as Timed;
      type Send = (this: WebSocket, data: Parameters<WebSocket["send"]>[0]) => void;
      const send = Object.getOwnPropertyDescriptor(WebSocket.prototype, "send")?.value as Send;
      // Its first word is said once it is open.
      WebSocket.prototype.send = function (this: WebSocket, data: Parameters<WebSocket["send"]>[0]) {
        if (typeof data === "string" && data.includes('"hello"')) timed.openedAt ??= performance.now();
        return send.call(this, data);
      };
    });
    await page.goto(`${lodge.url}/sessions/${sessionId}?view=terminal#token=${lodge.token}`);
    await page.waitForFunction((name) => performance.getEntriesByName(name).length > 0, mark);
    return await page.evaluate((name) => {
      const { openedAt = 0 } = window as Timed;
      return performance.getEntriesByName(name)[0]!.startTime - openedAt;
    }, mark);
  } finally {
    await page.close();
  }
}
