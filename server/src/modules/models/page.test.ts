import { expect, test } from "bun:test";
import fc from "fast-check";
import { ApiError } from "../../http/errors.ts";
import { pageOf } from "./page.ts";

const models = (count: number) => Array.from({ length: count }, (_, index) => ({ id: `m${index}` }));
const page = (count: number, query: Record<string, string> = {}) => pageOf(models(count), new URLSearchParams(query));

test("without parameters there is all of it", () => {
  expect(page(3)).toEqual({ data: models(3), has_more: false, first_id: "m0", last_id: "m2" });
  expect(page(0)).toEqual({ data: [], has_more: false, first_id: null, last_id: null });
});

test("page after page, forwards or backwards, makes up the whole list, each model once", () => {
  fc.assert(
    fc.property(fc.nat(40), fc.integer({ min: 1, max: 12 }), fc.boolean(), (count, limit, forwards) => {
      // From behind, what stands before the last one.
      let cursor: Record<string, string> = forwards || count === 0 ? {} : { before_id: `m${count - 1}` };
      const seen: { id: string }[] = [];
      for (;;) {
        const { data, has_more, first_id, last_id } = page(count, { limit: String(limit), ...cursor });
        expect(data.length).toBeLessThanOrEqual(limit);
        if (forwards) seen.push(...data);
        else seen.unshift(...data);
        if (!has_more) break;
        expect(data).toHaveLength(limit);
        cursor = forwards ? { after_id: last_id! } : { before_id: first_id! };
      }
      expect(seen).toEqual(models(count).slice(0, forwards ? count : Math.max(0, count - 1)));
    }),
  );
});

test.each<[Record<string, string>, string]>([
  [{ limit: "0" }, "limit"],
  [{ limit: "1001" }, "limit"],
  [{ limit: "ten" }, "limit"],
  [{ after_id: "nobody" }, "after_id"],
  [{ before_id: "nobody" }, "before_id"],
  [{ after_id: "m0", before_id: "m2" }, "before_id"],
])("%j is refused by name", (query, param) => {
  let failure: unknown;
  try {
    page(3, query);
  } catch (error) {
    failure = error;
  }
  expect(failure).toBeInstanceOf(ApiError);
  expect(failure).toMatchObject({ status: 400, details: { param } });
});
