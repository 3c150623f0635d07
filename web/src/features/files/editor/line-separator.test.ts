import { expect, test } from "bun:test";
import { EditorState } from "@codemirror/state";
import { lineSeparatorOf } from "./line-separator.ts";

test.each(["", "a", "a\nb\n", "a\r\nb\r\n", "a\r\nb\nc\r\n", "\n\r\n", "a\rb", "\r\n\r", "\ufeffa\r\n"])(
  "%j is written as it was read",
  (text) => {
    const state = EditorState.create({ doc: text, extensions: EditorState.lineSeparator.of(lineSeparatorOf(text)) });
    expect(state.sliceDoc()).toBe(text);
  },
);

test("a new line ends like the others", () => {
  const state = EditorState.create({
    doc: "a\r\nb",
    extensions: EditorState.lineSeparator.of(lineSeparatorOf("a\r\nb")),
  });
  expect(state.update({ changes: { from: 1, insert: state.toText("x\r\ny") } }).state.sliceDoc()).toBe("ax\r\ny\r\nb");
  expect(state.doc.lines).toBe(2);
});
