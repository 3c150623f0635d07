import { expect, test } from "bun:test";
import { join } from "node:path";
import type { Row } from "./report.ts";

// That the benchmark works, not how fast anything is: a machine that runs tests is busy with other things.
test("a quick run measures every row or says why not, and hurts nothing", async () => {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "index.ts"), "--quick", "--json"], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  const output = await new Response(child.stdout).text();
  expect(await child.exited).toBe(0);
  const { rows } = JSON.parse(output) as { rows: Row[] };
  const silent = rows.filter(({ figures, notYet }) => figures === undefined && notYet === undefined);
  expect(silent).toEqual([]);
  const ids = rows.map(({ id }) => id);
  expect(ids).toEqual(
    expect.arrayContaining([
      "lodge-warm",
      "sdk-warm",
      "least-server",
      "print-json",
      "added",
      "hibernated-memory",
      "terminal-tail",
    ]),
  );
  for (const { figures } of rows) expect(figures?.median ?? 0).toBeFinite();
}, 300_000);
