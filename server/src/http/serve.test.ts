/** What a client gets to see of a failure that no handler caught. */
import { expect, test } from "bun:test";
import pino from "pino";
import { serve } from "./serve.ts";

test("a failure outside of all handlers is logged, and its client sees nothing of the server's code", async () => {
  const lines: string[] = [];
  using server = serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: () => {
      throw new Error("a secret of the server");
    },
    log: pino({ base: null }, { write: (line: string) => void lines.push(line) }),
  });
  const response = await fetch(server.url);
  expect(response.status).toBe(500);
  expect(await response.json()).toEqual({
    type: "error",
    error: { type: "api_error", message: "Something went wrong in the server. Its log has more." },
  });
  expect(lines.join("")).toContain("a secret of the server");
});
