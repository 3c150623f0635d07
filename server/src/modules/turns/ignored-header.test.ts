import { expect, test } from "bun:test";
import fc from "fast-check";
import { ignoredHeader } from "./ignored-header.ts";

test("names each once, in their order; there is none without any", () => {
  expect(ignoredHeader(["top_p", "seed", "top_p"])).toEqual({ "x-lodge-ignored": "top_p, seed" });
  expect(ignoredHeader([])).toEqual({});
});

test("whatever clients call their tools, it can be sent and is bounded", () => {
  const word = fc.string({
    unit: fc.oneof(fc.constantFrom("\r", "\n", "\0", "\u007f", "ü", "漢", "\ud800"), fc.string({ maxLength: 200 })),
  });
  fc.assert(
    fc.property(fc.array(word, { maxLength: 60 }), (ignored) => {
      const sent = ignoredHeader(ignored);
      const { headers } = new Response(null, { headers: sent });
      expect(headers.get("x-lodge-ignored")).toBe(sent["x-lodge-ignored"]?.trim() ?? null);
      expect((sent["x-lodge-ignored"] ?? "").length).toBeLessThan(2100);
    }),
  );
});
