// What is taken at a glance is what a full look makes of it; whatever is not plainly right gets the full look.
import { expect, test } from "bun:test";
import fc from "fast-check";
import { z } from "zod";
import { atAGlance } from "./at-a-glance.ts";

const block = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("text"), text: z.string() }),
  z.looseObject({ type: z.literal("image"), url: z.string() }),
]);
const content = z.preprocess(
  (value) => (typeof value === "string" ? [{ type: "text", text: value }] : value),
  z.array(block),
);
const full = z.discriminatedUnion("role", [
  z.looseObject({ role: z.literal("user"), content }),
  z.looseObject({ role: z.literal("assistant"), content, calls: z.array(z.string()).nullish() }),
  z.looseObject({ role: z.literal("tool"), content, id: z.string() }),
]);
const quick = atAGlance(full, ["user", "assistant"]);

const scalar = fc.oneof(fc.string(), fc.constant(null), fc.integer(), fc.constant({}));
const often = <T>(value: T) => fc.oneof({ weight: 6, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: scalar });
const anyBlock = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record(
      { type: often("text"), text: fc.oneof(fc.string(), scalar), more: scalar },
      { requiredKeys: [] },
    ),
  },
  { weight: 8, arbitrary: fc.record({ type: fc.constant("text"), text: fc.string() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("image"), url: fc.string() }) },
  { weight: 1, arbitrary: scalar },
);
const anyMessage = fc.oneof(
  { weight: 1, arbitrary: scalar },
  {
    weight: 9,
    arbitrary: fc.record(
      {
        role: fc.constantFrom("user", "assistant", "tool", "system", 1),
        content: fc.oneof(fc.string(), scalar, fc.array(anyBlock, { maxLength: 3 })),
        calls: fc.oneof(fc.constant(null), fc.array(scalar, { maxLength: 2 })),
        id: scalar,
      },
      { requiredKeys: [] },
    ),
  },
  { weight: 5, arbitrary: fc.record({ role: fc.constantFrom("user", "assistant", "tool"), content: fc.string() }) },
);

test("it is what a full look makes of it, and so are the errors", () => {
  let right = 0;
  fc.assert(
    fc.property(fc.array(anyMessage, { maxLength: 4 }), (messages) => {
      const [a, b] = [full, quick].map((each) => z.array(each).safeParse(messages));
      expect(b).toEqual(a);
      if (a?.success && messages.length > 0) right++;
    }),
    { numRuns: 2000 },
  );
  expect(right).toBeGreaterThan(100);
});

test("a plain message is not looked into", () => {
  const looked: string[] = [];
  const watched = z.object({
    role: z.literal("user"),
    content: z.preprocess((value) => (looked.push(String(value)), [value]), z.any()),
  });
  const schema = atAGlance(watched, ["user"]);
  expect(schema.parse({ role: "user", content: "at a glance" })).toEqual({
    role: "user",
    content: [{ type: "text", text: "at a glance" }],
  });
  expect(looked).toEqual([]);
  schema.parse({ role: "user", content: 7 });
  expect(looked).toEqual(["7"]);
});

test("it describes itself as before", () => {
  expect(z.toJSONSchema(quick, { io: "input" })).toEqual(z.toJSONSchema(full, { io: "input" }));
});
