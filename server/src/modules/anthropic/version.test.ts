import { describe, expect, test } from "bun:test";
import { ApiError } from "../../http/errors.ts";
import { countRequest } from "./model.ts";
import { apiVersion, requireFields } from "./version.ts";

const versionIn = (value?: string) =>
  apiVersion(new Headers(value === undefined ? {} : { "anthropic-version": value }));

function failureOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

test.each(["2023-01-01", "2023-06-01", "2026-10-21"] as const)("the released version %s is taken", (version) => {
  expect(versionIn(version)).toBe(version);
});

test("who sends none speaks the older one", () => {
  expect(versionIn()).toBe("2023-06-01");
});

test.each(["2024-01-01", "2023-6-1", "latest", "v1", "2026-10-21, 2023-06-01", '"', "9".repeat(5000)])(
  "there is no version %j",
  (value) => {
    const error = failureOf(() => versionIn(value));
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 400, message: expect.stringMatching(/^anthropic-version: .{0,200}$/) });
  },
);

describe("the newest version", () => {
  const messages = [{ role: "user", content: "hi" }];
  const cited = (citations: unknown) => [{ role: "user", content: [{ type: "text", text: "hi", citations }] }];
  test.each([
    [{ messages, temperature: 1 }, "temperature"],
    [{ messages, top_p: 0.5 }, "top_p"],
    [{ messages, top_k: 5 }, "top_k"],
    [{ messages: [...messages, ...cited([{ type: "char_location" }])] }, "messages.1.content.0.citations"],
  ])("has no place for %j", (body, field) => {
    const parsed = countRequest.parse({ model: "haiku", ...body });
    expect(failureOf(() => requireFields("2026-10-21", parsed))).toMatchObject({
      status: 400,
      message: `${field}: Extra inputs are not permitted`,
      details: { param: field },
    });
    for (const older of ["2023-01-01", "2023-06-01"] as const) expect(() => requireFields(older, parsed)).not.toThrow();
  });

  test.each([{ messages }, { messages: cited([]) }, { messages: cited(null) }])("takes %j", (body) => {
    expect(() => requireFields("2026-10-21", countRequest.parse({ model: "haiku", ...body }))).not.toThrow();
  });
});
