/** How an editor looks: like the rest of the dashboard, by its variables, so that both colour schemes are one theme. */
import { EditorView } from "@codemirror/view";

export const look = EditorView.theme({
  "&": {
    height: "100%",
    backgroundColor: "var(--lodge-page)",
    color: "var(--mantine-color-text)",
    fontSize: "0.8125rem",
  },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mantine-font-family-monospace)", lineHeight: "1.55" },
  ".cm-content": { padding: "0.5rem 0 3rem", caretColor: "var(--lodge-strong)" },
  ".cm-cursor": { borderLeftColor: "var(--lodge-strong)", borderLeftWidth: "2px" },
  ".cm-gutters": { backgroundColor: "var(--lodge-page)", color: "var(--mantine-color-dimmed)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--lodge-raised)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground, .cm-content ::selection":
    { backgroundColor: "color-mix(in srgb, var(--lodge-accent) 28%, transparent) !important" },
  ".cm-selectionMatch": { backgroundColor: "color-mix(in srgb, var(--lodge-accent) 16%, transparent)" },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": {
    backgroundColor: "color-mix(in srgb, var(--lodge-accent) 22%, transparent)",
    outline: "none",
  },
  ".cm-panels": {
    backgroundColor: "var(--lodge-raised)",
    color: "var(--mantine-color-text)",
    borderColor: "var(--lodge-line)",
  },
  ".cm-panels.cm-panels-top": { borderBottom: "1px solid var(--lodge-line)" },
  ".cm-textfield": { backgroundColor: "var(--lodge-page)", border: "1px solid var(--lodge-line)", borderRadius: "4px" },
  ".cm-button": {
    backgroundColor: "var(--lodge-page)",
    backgroundImage: "none",
    border: "1px solid var(--lodge-line)",
    borderRadius: "4px",
    color: "var(--mantine-color-text)",
  },
  ".cm-panel.cm-search label": { fontSize: "inherit" },
  ".cm-searchMatch": { backgroundColor: "color-mix(in srgb, var(--lodge-waiting) 30%, transparent)" },
  ".cm-searchMatch-selected": { backgroundColor: "color-mix(in srgb, var(--lodge-waiting) 60%, transparent)" },
  ".cm-foldPlaceholder": {
    backgroundColor: "var(--lodge-hover)",
    border: "none",
    color: "var(--mantine-color-text)",
    padding: "0 0.4em",
  },
  ".cm-marked": { backgroundColor: "var(--lodge-waiting-soft)" },
  ".cm-collapsedLines": {
    background: "var(--lodge-raised)",
    color: "var(--mantine-color-dimmed)",
    borderBlock: "1px solid var(--lodge-line)",
    padding: "0.25rem 0.75rem",
  },
  // The merge view's own colours are for a white page.
  "&.cm-merge-a .cm-changedLine, .cm-deletedChunk": {
    backgroundColor: "color-mix(in srgb, var(--mantine-color-error) 12%, transparent)",
  },
  "&.cm-merge-b .cm-changedLine, .cm-inlineChangedLine": {
    backgroundColor: "color-mix(in srgb, var(--lodge-ready) 16%, transparent)",
  },
  "&.cm-merge-a .cm-changedText, .cm-deletedChunk .cm-deletedText, .cm-deletedText": {
    background: "color-mix(in srgb, var(--mantine-color-error) 32%, transparent)",
  },
  "&.cm-merge-b .cm-changedText": { background: "color-mix(in srgb, var(--lodge-ready) 36%, transparent)" },
  // A language's colours have too little contrast on these.
  ".cm-changedText, .cm-changedText *, .cm-deletedText, .cm-deletedText *": { color: "var(--lodge-strong) !important" },
  ".cm-deletedChunk": { paddingLeft: "6px" },
  ".cm-deletedChunk .cm-deletedLine": { color: "var(--mantine-color-text)" },
});
