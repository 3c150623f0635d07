/** How long a page takes from its terminal's socket to a painted screen. */
import type { Browser } from "playwright-core";
import type { LodgeProcess } from "../../harness/process.ts";

interface Timed extends Window {
  openedAt?: number;
  paintedAt?: number;
}

/** Milliseconds. */
export async function paintedAfter(browser: Browser, lodge: LodgeProcess, sessionId: string): Promise<number> {
  const page = await browser.newPage();
  try {
    await page.addInitScript(() => {
      const timed = window as Timed;
      type Send = (this: WebSocket, data: Parameters<WebSocket["send"]>[0]) => void;
      const send = Object.getOwnPropertyDescriptor(WebSocket.prototype, "send")?.value as Send;
      // Its first word is said once it is open, and an `ack` once all of the snapshot is in the emulator.
      WebSocket.prototype.send = function (this: WebSocket, data: Parameters<WebSocket["send"]>[0]) {
        if (typeof data === "string" && data.includes('"hello"')) timed.openedAt ??= performance.now();
        if (typeof data === "string" && data.includes('"ack"') && timed.paintedAt === undefined) {
          requestAnimationFrame(() => requestAnimationFrame(() => (timed.paintedAt ??= performance.now())));
        }
        return send.call(this, data);
      };
    });
    await page.goto(`${lodge.url}/sessions/${sessionId}?view=terminal#token=${lodge.token}`);
    await page.waitForFunction(() => (window as Timed).paintedAt !== undefined);
    return await page.evaluate(() => {
      const { openedAt = 0, paintedAt = 0 } = window as Timed;
      return paintedAt - openedAt;
    });
  } finally {
    await page.close();
  }
}
