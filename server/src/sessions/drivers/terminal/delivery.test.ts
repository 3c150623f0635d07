import { expect, test } from "bun:test";
import fc from "fast-check";
import { deliveryOf, messageText, pasted, piecesOf } from "./delivery.ts";

const message = (text: string, verbatim = true) => messageText([{ type: "text", text }], verbatim);

test("pieces are the text again, and none is big", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("a", "\n", "漢", "👩‍👩‍👧", " "), maxLength: 3000 }), (text) => {
      const pieces = piecesOf(text);
      expect(pieces.join("")).toBe(text);
      for (const piece of pieces) {
        expect(piece.length).toBeLessThanOrEqual(700);
        expect(piece.split("\n").length - 1).toBeLessThanOrEqual(2);
      }
    }),
  );
});

test("nothing in a text ends its paste", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("\u001b", "\u009b", "[201~", "\r", "\u0003", "x") }), (text) => {
      const inner = pasted(text).slice("\u001b[200~".length, -"\u001b[201~".length);
      // oxlint-disable-next-line no-control-regex -- that none is there is the point
      expect(inner).not.toMatch(/[\u0000-\u0008\u000e-\u001f\u007f-\u009f]/);
    }),
  );
});

test.each(["\ttab", "a\r\nb", "!ls", "  !ls", "/tmp/a.png", "1\n2\n3\n4\n5\n6\n7\n8\n9\n10"])(
  "%j is fetched by the editor",
  (text) => expect(deliveryOf(text).type).toBe("editor"),
);

test("a long text is fetched by the editor", () => expect(deliveryOf("x".repeat(5000)).type).toBe("editor"));

test.each(["hello", "two\nlines", "/etc/hosts is a file", "# note", "@file"])("%j is pasted", (text) =>
  expect(deliveryOf(text)).toEqual({ type: "paste", pieces: [text] }),
);

test.each(["", " \n", "exit", " quit ", "/compact", "/model haiku", "escape \u001b[201~"])("%j is refused", (text) =>
  expect(() => message(text)).toThrow(expect.objectContaining({ kind: "invalid_request" })),
);

test("an agent's commands are its own", () => {
  expect(message("/compact", false)).toBe("/compact");
  expect(message("red \u001b[31m", false)).toBe("red [31m");
});

test("what is no text is refused by name", () => {
  const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "" } } as const;
  expect(() => messageText([image], true)).toThrow("image");
  expect(() => messageText([{ type: "tool_result", tool_use_id: "a", content: [], is_error: false }], true)).toThrow();
});
