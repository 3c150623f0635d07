/** What every editor of this page has in common: keys, colours, and the language of a file, loaded when it is first met. */
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import {
  bracketMatching,
  foldGutter,
  foldKeymap,
  indentOnInput,
  LanguageDescription,
  syntaxHighlighting,
} from "@codemirror/language";
import { languages } from "@codemirror/language-data";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  ViewPlugin,
} from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";
import { lineSeparatorOf } from "./line-separator.ts";
import { look } from "./look.ts";

export interface EditorOptions {
  /** Of the file: tells its language. */
  name: string;
  /** What it is, for those who have it read out. */
  label: string;
  readOnly: boolean;
  /** Ctrl-S or Cmd-S. */
  onSave?: (() => void) | undefined;
}

/** @param text that is shown first */
export function extensionsFor({ name, label, readOnly, onSave }: EditorOptions, text: string): Extension[] {
  return [
    EditorState.lineSeparator.of(lineSeparatorOf(text)),
    EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false" }),
    lineNumbers(),
    foldGutter(),
    highlightSpecialChars(),
    drawSelection(),
    bracketMatching(),
    highlightSelectionMatches(),
    search({ top: true }),
    syntaxHighlighting(classHighlighter),
    look,
    language(name),
    readOnly ? forReading : forWriting,
    keymap.of([
      ...(onSave === undefined ? [] : [{ key: "Mod-s", preventDefault: true, run: () => (onSave(), true) }]),
      ...(readOnly ? [] : [indentWithTab, ...historyKeymap]),
      ...searchKeymap,
      ...foldKeymap,
      ...defaultKeymap,
    ]),
  ];
}

const forReading = [
  EditorState.readOnly.of(true),
  EditorView.editable.of(false),
  // It scrolls, so that it must be reachable by keyboard; and it is still a text field to those who have it read out.
  EditorView.contentAttributes.of({ tabindex: "0", role: "textbox", "aria-readonly": "true" }),
];

const forWriting = [history(), indentOnInput(), highlightActiveLine(), highlightActiveLineGutter()];

/** Takes effect when it has come; a file whose name tells of none is plain text. */
function language(name: string): Extension {
  const description = LanguageDescription.matchFilename(languages, name);
  if (description === null) return [];
  if (description.support !== undefined) return description.support;
  const place = new Compartment();
  return [
    place.of([]),
    ViewPlugin.define((view) => {
      let isGone = false;
      void description.load().then(
        (support) => {
          if (!isGone) view.dispatch({ effects: place.reconfigure(support) });
        },
        // Without colours it is still the file.
        () => {},
      );
      return {
        destroy() {
          isGone = true;
        },
      };
    }),
  ];
}
