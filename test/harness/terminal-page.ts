/** What the tests of a session's page read from it: the line to its terminal, and the words on its screen. */
import type { Page } from "playwright-core";

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
export async function readOut(page: Page): Promise<void> {
  await page.context().addInitScript(() => {
    localStorage.setItem("lodge-terminal", JSON.stringify({ fontSize: 13, screenReader: true }));
  });
}
