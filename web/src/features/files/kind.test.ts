import { expect, test } from "bun:test";
import { fileLimits } from "@lodge/shared";
import { type File, kindOf, viewsOf } from "./kind.ts";

const file = (path: string, mediaType: string, isText: boolean, size = 10): File => ({
  type: "file",
  path,
  mediaType,
  isText,
  size,
  etag: '"1"',
  modifiedAt: 0,
});

test.each([
  ["a.ts", "text/x-typescript; charset=utf-8", true, "text"],
  ["a.ts", "text/x-typescript; charset=utf-8", false, "binary"],
  ["README.md", "text/markdown; charset=utf-8", true, "markdown"],
  ["a.json", "application/json", true, "json"],
  ["a.csv", "text/csv; charset=utf-8", true, "csv"],
  ["a.svg", "image/svg+xml", true, "image"],
  ["a.tiff", "image/tiff", false, "binary"],
  ["a.pdf", "application/pdf", false, "pdf"],
  ["a.mp3", "audio/mpeg", false, "audio"],
  ["a.mp4", "video/mp4", false, "video"],
  ["page.html", "text/html; charset=utf-8", true, "text"],
  ["x", "application/octet-stream", false, "binary"],
] as const)("%s as %s, text: %p, is %s", (path, type, isText, kind) =>
  expect(kindOf(file(path, type, isText))).toBe(kind),
);

test("views: what suits it first, git's only where there is git, no source of what is no text", () => {
  expect(viewsOf(file("a.md", "text/markdown", true), true)).toEqual(["preview", "source", "changes", "history"]);
  expect(viewsOf(file("a.ts", "text/plain", true), false)).toEqual(["source"]);
  expect(viewsOf(file("a.png", "image/png", false), true)).toEqual(["preview", "history"]);
  expect(viewsOf(file("a.svg", "image/svg+xml", true), false)).toEqual(["preview", "source"]);
  const long = file("a.log", "text/plain", true, fileLimits.text + 1);
  expect(kindOf(long)).toBe("long");
  expect(viewsOf(long, false)).toEqual(["preview"]);
});
