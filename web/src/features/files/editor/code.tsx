/** A text in an editor: to read, or to change. A chunk of its own, which only the page of a file loads. */
import { EditorState, type Text } from "@codemirror/state";
import { Decoration, EditorView } from "@codemirror/view";
import { type Ref, useEffect, useImperativeHandle, useRef } from "react";
import { extensionsFor } from "./setup.ts";
import "./code.css";

/** What an editor can be asked for. */
export interface CodeHandle {
  text(): string;
  focus(): void;
  /** What is in it now is what it is compared with from here on. */
  rebase(): void;
}

interface CodeProps {
  /** A change of it replaces what is shown; whoever edits gives the first one and keeps it. */
  text: string;
  name: string;
  label: string;
  readOnly?: boolean;
  /** Shown in the middle and marked; counted from 1. */
  line?: number | undefined;
  /** Whether it is another text than the first one, or the one at the last `rebase`. */
  onDirty?: (isDirty: boolean) => void;
  onSave?: () => void;
  handle?: Ref<CodeHandle>;
}

export default function Code({ text, name, label, readOnly = true, line, onDirty, onSave, handle }: CodeProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const base = useRef<Text | null>(null);
  const on = useRef({ onDirty, onSave });
  useEffect(() => {
    on.current = { onDirty, onSave };
  });

  useEffect(() => {
    const parent = place.current;
    if (parent === null) return undefined;
    const editor = new EditorView({
      parent,
      state: EditorState.create({
        doc: text,
        extensions: [
          extensionsFor({ name, label, readOnly, onSave: readOnly ? undefined : () => on.current.onSave?.() }, text),
          readOnly
            ? []
            : EditorView.updateListener.of(({ docChanged, state }) => {
                if (docChanged) on.current.onDirty?.(!(base.current !== null && state.doc.eq(base.current)));
              }),
          markedLine(line),
        ],
      }),
    });
    view.current = editor;
    base.current = editor.state.doc;
    if (!readOnly) editor.focus();
    if (line !== undefined && line <= editor.state.doc.lines) {
      const { from } = editor.state.doc.line(line);
      editor.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
    }
    return () => {
      view.current = null;
      editor.destroy();
    };
  }, [label, line, name, readOnly, text]);

  useImperativeHandle(handle, () => ({
    text: () => view.current?.state.sliceDoc() ?? "",
    focus: () => view.current?.focus(),
    rebase: () => {
      base.current = view.current?.state.doc ?? null;
      on.current.onDirty?.(false);
    },
  }));

  return <div ref={place} className="lodge-code" />;
}

function markedLine(line: number | undefined) {
  if (line === undefined) return [];
  return EditorView.decorations.of((view) => {
    if (line > view.state.doc.lines) return Decoration.none;
    return Decoration.set(Decoration.line({ class: "cm-marked" }).range(view.state.doc.line(line).from));
  });
}
