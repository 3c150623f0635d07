/** What a browser loads before the dashboard shows anything. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const dist = join(import.meta.dir, "../../web/dist");
/** Bytes, gzipped, of all scripts that the page names. */
const limit = 350_000;

test("the initial JavaScript is at most 350 kB gzipped, and the heavy parts are not in it", async () => {
  const page = await Bun.file(join(dist, "index.html")).text();
  const scripts = [...page.matchAll(/(?:src|href)="(\/[^"]+\.js)"/g)].map(([, path]) => path!);
  expect(scripts.length).toBeGreaterThan(1);
  const texts = await Promise.all(scripts.map((path) => Bun.file(join(dist, path)).text()));
  const size = texts.reduce((sum, text) => sum + gzipSync(text).byteLength, 0);
  expect(size).toBeLessThanOrEqual(limit);
  // Words of the terminal's, the editor's, the charts' and the player's own code.
  for (const word of ["xterm-helper-textarea", "cm-editor", "recharts", "asciinema"]) {
    expect({ word, isThere: texts.some((text) => text.includes(word)) }).toEqual({ word, isThere: false });
  }
});
