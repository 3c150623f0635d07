/** What requests hold of images and documents: known by its bytes, refused by the field that it stands in. */
import { describe, expect, test } from "bun:test";
import { ApiError } from "../../../http/errors.ts";
import { base64Block, fetchedBlock, type Place, referredBlock } from "./blocks.ts";
import { sniff } from "./sniff.ts";

const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");
const base64 = (text: string): string => latin1(text).toString("base64");
const png = "\u0089PNG\r\n\u001a\nrest";
const files = [
  ["image/png", png],
  ["image/jpeg", "\u00ff\u00d8\u00ff\u00e0\u0000\u0010JFIF"],
  ["image/gif", "GIF89a\u0001"],
  ["image/gif", "GIF87a\u0001"],
  ["image/webp", "RIFF\u0024\u0000\u0000\u0000WEBPVP8 "],
  ["application/pdf", "%PDF-1.7\n"],
  ["application/pdf", "\u00ef\u00bb\u00bf\r\n%PDF-1.4"],
] as const;
const image: Place = { slot: "image", field: "messages.0.content.0.image_url.url" };
const file: Place = { slot: "document", field: "input.0.content.0.file_data", title: "notes.txt" };

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    expect(error.kind).toBe("invalid_request");
    expect(error.message).toStartWith(`${error.details.param}: `);
    return error.message;
  }
  return "taken";
}

test.each(files)("%s is told from its bytes", (type, bytes) => {
  expect(sniff(latin1(bytes))).toBe(type);
});

test.each(["", "PNG", "RIFF....WAVE", "GIF88a", "<svg>", "BM", "text about %PDF-1.7", "\u0089PNG\n\u001a\n"])(
  "%j is none of those",
  (bytes) => expect(sniff(latin1(bytes))).toBeNull(),
);

describe("a declared type", () => {
  test.each(files)("that is wrong is corrected: %s", (type, bytes) => {
    for (const declared of ["image/bmp", "application/zip", "text/plain", null]) {
      const block = base64Block(base64(bytes), declared, image);
      expect(block).toMatchObject({
        type: type === "application/pdf" ? "document" : "image",
        source: { type: "base64", media_type: type, data: base64(bytes) },
      });
    }
  });

  test("is all that a text has", () => {
    const text = Buffer.from("ünï").toString("base64");
    for (const declared of ["text/plain", "text/markdown; charset=utf-8", "application/json", "image/svg+xml", null])
      expect(base64Block(text, declared, file)).toEqual({ type: "text", text: "notes.txt:\n\nünï" });
    for (const declared of ["application/zip", "video/mp4"])
      expect(refusal(() => base64Block(text, declared, file))).toContain("not those of a PDF, a text");
    expect(refusal(() => base64Block(base64("\u0000\u0001"), "text/plain", file))).toContain("not those of");
    expect(refusal(() => base64Block(base64("\u00ff\u00fe"), "text/plain", file))).toContain("not those of");
    expect(refusal(() => base64Block(text, "text/plain", image))).toContain("not those of a PNG, JPEG, GIF or WebP");
  });
});

describe("base64", () => {
  test.each([
    [base64(png), "as it is"],
    [base64(png).replace(/=+$/, ""), "without its padding"],
    [base64(png).replaceAll(/.{4}/g, "$&\r\n"), "in many lines"],
  ])("%j is read %s, always to the same block", (data) => {
    expect(base64Block(data, "image/png", image)).toMatchObject({ source: { data: base64(png) } });
  });

  test.each(["", "=", "A", "AAAAA", "AAA*", "-_-_", "AA=A", "AAAA=", "A===", "data", "été="])("%j is none", (data) => {
    if (data === "data") expect(refusal(() => base64Block(data, null, image))).toContain("its bytes are not");
    else expect(refusal(() => base64Block(data, null, image))).toContain("not valid base64");
  });

  test("of an image that the model's API would refuse for its size is refused here, to the character", () => {
    const most = base64(png + "x".repeat((5 * 1024 * 1024 * 3) / 4 - png.length));
    expect(most.length).toBe(5 * 1024 * 1024);
    expect(base64Block(most, null, image).type).toBe("image");
    expect(refusal(() => base64Block(`${most}AAAA`, null, image))).toContain("5 MiB is the most");
  });
});

describe("what stands for a file", () => {
  test("is a data: URL, with or without parameters, or base64, or a URL that nobody has fetched", () => {
    const bytes = { type: "image", source: { type: "base64", media_type: "image/png", data: base64(png) } };
    for (const text of [
      `data:image/png;base64,${base64(png)}`,
      `DATA:image/JPEG;name=a.jpg;BASE64,${base64(png)}`,
      `data:;base64,${base64(png)}`,
      base64(png),
    ]) {
      expect(referredBlock(text, image) as object).toEqual(bytes);
    }
    const url = "HTTPS://example.com/a.png";
    expect(referredBlock(url, image)).toEqual({ type: "image", source: { type: "url", url, field: image.field }, url });
  });

  test.each([
    ["data:image/png,abc", "base64"],
    ["data:image/png;base64", "no data: URL"],
    ["data:", "no data: URL"],
    ["data:image/png;base64,", "not valid base64"],
    ["ftp://example.com/a.png", "only data:, http: and https:"],
    ["file:///etc/passwd", "only data:, http: and https:"],
    ["./a.png", "not valid base64"],
  ])("%j is refused: %s", (text, why) => expect(refusal(() => referredBlock(text, image))).toContain(why));
});

test("what was fetched is what its bytes are; a text stays a document, known by its URL", () => {
  expect(fetchedBlock(latin1(png), "text/html", file)).toMatchObject({ type: "image" });
  expect(fetchedBlock(Buffer.from("# Hi"), "text/markdown", file)).toEqual({
    type: "document",
    source: { type: "text", media_type: "text/plain", data: "# Hi" },
    title: "notes.txt",
  });
  expect(refusal(() => fetchedBlock(Buffer.from("<html>"), "text/html", image))).toContain("not those of a PNG");
});
