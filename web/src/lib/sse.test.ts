import { describe, expect, test } from "bun:test";
import { sseParser } from "./sse.ts";

describe("sseParser", () => {
  test("gives the data of whole events and ignores ids and comments", () =>
    expect(sseParser()('id: 1\ndata: {"a":1}\n\n: keep-alive\n\nid: 2\ndata: {"a":2}\n\n')).toEqual([
      '{"a":1}',
      '{"a":2}',
    ]));

  test("does not mind where the pieces are cut", () => {
    const text = "id: 1\ndata: one\n\ndata: two\n\n";
    for (let cut = 0; cut <= text.length; cut++) {
      const feed = sseParser();
      expect([...feed(text.slice(0, cut)), ...feed(text.slice(cut))]).toEqual(["one", "two"]);
    }
  });

  test("joins several data lines and takes CRLF", () =>
    expect(sseParser()("data: one\r\ndata:two\r\n\r\n")).toEqual(["one\ntwo"]));

  test("refuses an event without end", () => {
    const feed = sseParser(20);
    feed("data: 12345678\n");
    expect(() => feed("data: 12345678\n")).toThrow("larger");
  });
});
