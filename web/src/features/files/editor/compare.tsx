/**
 * Two versions of a text: what the disk has beside what one has written, with a button at each difference that takes the
 * disk's; or one above the other where there is no room for two.
 */
import { MergeView, unifiedMergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { type Ref, useEffect, useImperativeHandle, useRef } from "react";
import type { CodeHandle } from "./code.tsx";
import { lineSeparatorOf } from "./line-separator.ts";
import { extensionsFor } from "./setup.ts";
import "./code.css";

interface CompareProps {
  before: string;
  after: string;
  name: string;
  /** What each side is. */
  labels: { before: string; after: string };
  isWide: boolean;
  /** The right side, or the one text, can be changed, and takes over what is on the other. */
  isEditable?: boolean;
  handle?: Ref<Pick<CodeHandle, "text">>;
}

/** Lines around a difference; more that are alike are folded away. */
const collapseUnchanged = { margin: 3, minSize: 6 };

export default function Compare({ before, after, name, labels, isWide, isEditable = false, handle }: CompareProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const { before: beforeLabel, after: afterLabel } = labels;

  useEffect(() => {
    const parent = place.current;
    if (parent === null) return undefined;
    const right = extensionsFor({ name, label: afterLabel, readOnly: !isEditable }, after);
    if (!isWide) {
      const editor = new EditorView({
        parent,
        state: EditorState.create({
          doc: after,
          extensions: [
            right,
            EditorView.lineWrapping,
            // Lines that end otherwise are no difference to look at: the text is written with its own.
            unifiedMergeView({
              original: alike(before, after),
              mergeControls: isEditable ? choiceButton : false,
              collapseUnchanged,
            }),
          ],
        }),
      });
      view.current = editor;
      return () => editor.destroy();
    }
    const merge = new MergeView({
      parent,
      a: { doc: alike(before, after), extensions: extensionsFor({ name, label: beforeLabel, readOnly: true }, after) },
      b: { doc: after, extensions: right },
      collapseUnchanged,
      ...(isEditable ? { revertControls: "a-to-b" as const, renderRevertControl: takeButton } : {}),
    });
    view.current = merge.b;
    return () => merge.destroy();
  }, [after, afterLabel, before, beforeLabel, isEditable, isWide, name]);

  useImperativeHandle(handle, () => ({
    text: () => view.current?.state.sliceDoc() ?? "",
  }));

  return <div ref={place} className="lodge-code" />;
}

/** In the words of a merge, in which "accept" and "reject" could be either's. */
function choiceButton(type: "accept" | "reject", choose: (event: MouseEvent) => void): HTMLElement {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = type === "accept" ? "Keep mine" : "Take theirs";
  button.addEventListener("mousedown", choose);
  return button;
}

function takeButton(): HTMLElement {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "→";
  button.title = "Take this part from the disk";
  button.setAttribute("aria-label", button.title);
  return button;
}

/** A text with the line ends of another. */
function alike(text: string, like: string): string {
  const separator = lineSeparatorOf(like);
  return lineSeparatorOf(text) === separator ? text : text.replaceAll(/\r\n|\n/g, separator);
}
