/** Changing a file: saved over the version that was read, or merged with what somebody else has written meanwhile. */
import { Button } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { useBlocker } from "@tanstack/react-router";
import { lazy, Suspense, useMemo, useRef, useState } from "react";
import { RowSkeletons } from "../../lib/row-skeletons.tsx";
import { type Base, save } from "./editing.ts";
import type { CodeHandle } from "./editor/code.tsx";
import { type Content, contentQuery, filesKey, infoQuery, readContent, writeContent } from "./requests.ts";
import classes from "./file-view.module.css";

const Code = lazy(() => import("./editor/code.tsx"));
const Compare = lazy(() => import("./editor/compare.tsx"));

interface EditViewProps {
  workspace: string;
  path: string;
  name: string;
  content: Content;
  /** The tag of what is on the disk now, as far as is known; null when it is gone. */
  present: string | null;
  onClose: () => void;
}

type State =
  | { type: "editing" }
  | { type: "saving" }
  /** Mine beside what is on the disk. */
  | { type: "merging"; theirs: Content; mine: string; isSaving: boolean };

export function EditView({ workspace, path, name, content, present, onClose }: EditViewProps) {
  const queryClient = useQueryClient();
  const isWide = useMediaQuery("(min-width: 62em)", undefined, { getInitialValueInEffect: false });
  const editor = useRef<CodeHandle>(null);
  const merged = useRef<Pick<CodeHandle, "text">>(null);
  const [first, setFirst] = useState(content.text);
  const [base, setBase] = useState<Base>({ etag: content.etag });
  const [isDirty, setIsDirty] = useState(false);
  const [state, setState] = useState<State>({ type: "editing" });
  const [message, setMessage] = useState<string | null>(null);
  const disk = useMemo(
    () => ({
      read: () => readContent(workspace, path),
      write: (text: string, over: Base) => writeContent(workspace, path, text, over),
    }),
    [path, workspace],
  );
  const mustAsk = isDirty || state.type === "merging";
  useBlocker({
    shouldBlockFn: () => mustAsk && !window.confirm(`Leave ${name} without saving what you changed?`),
    enableBeforeUnload: mustAsk,
  });

  async function write(text: string, over: Base): Promise<void> {
    setMessage(null);
    try {
      const outcome = await save(disk, text, over);
      switch (outcome.type) {
        case "saved":
          setBase(outcome.base);
          if (outcome.base !== "nothing") {
            const written: Content = { text, etag: outcome.base.etag };
            queryClient.setQueryData(contentQuery(workspace, path).queryKey, () => written);
            // Before it is asked for again: otherwise one's own version looks like somebody else's for a moment.
            queryClient.setQueryData(infoQuery(workspace, path).queryKey, (info) =>
              info?.type === "file" ? { ...info, etag: written.etag } : info,
            );
          }
          for (const part of ["info", "git", "diff", "history"]) {
            void queryClient.invalidateQueries({ queryKey: [...filesKey(workspace), part] });
          }
          // Out of a merge one goes on with the merged text, in an editor of its own.
          if (state.type === "merging") {
            setFirst(text);
            setIsDirty(false);
          } else {
            editor.current?.rebase();
            editor.current?.focus();
          }
          setState({ type: "editing" });
          setMessage("Saved.");
          return;
        case "changed":
          setState({ type: "merging", theirs: outcome.theirs, mine: text, isSaving: false });
          return;
        case "gone":
          setBase("nothing");
          setState((now) => (now.type === "merging" ? { ...now, isSaving: false } : { type: "editing" }));
          setMessage("It was deleted meanwhile. Save once more to write it anew.");
          return;
        case "unreadable":
          setState({ type: "editing" });
          setMessage("Somebody wrote something else than text into it meanwhile. Nothing was saved.");
          return;
      }
    } catch (error) {
      setState((now) => (now.type === "merging" ? { ...now, isSaving: false } : { type: "editing" }));
      setMessage(`It was not saved. ${(error as Error).message}`);
    }
  }

  function saveMine(): void {
    if (state.type !== "editing" || editor.current === null) return;
    setState({ type: "saving" });
    void write(editor.current.text(), base);
  }

  function saveMerged(): void {
    if (state.type !== "merging" || state.isSaving || merged.current === null) return;
    const text = merged.current.text();
    // Kept as it is now, in case it changes on the disk once more.
    setState({ ...state, mine: text, isSaving: true });
    void write(text, { etag: state.theirs.etag });
  }

  async function compare(): Promise<void> {
    const theirs = await disk.read().catch(() => null);
    if (theirs === null) return setMessage("It cannot be read any more.");
    setState({ type: "merging", theirs, mine: editor.current?.text() ?? first, isSaving: false });
  }

  const isEditing = base !== "nothing" && state.type === "editing";
  const isStale = isEditing && present !== null && present !== base.etag;
  const news = isStale
    ? "Changed on the disk meanwhile."
    : isEditing && present === null
      ? "It is gone from the disk."
      : null;
  return (
    <div className={classes["edit"]}>
      <div className={classes["bar"]} role="toolbar" aria-label="Editing">
        {state.type === "merging" ? (
          <>
            <p className={classes["warning"]} role="alert">
              Changed on the disk while you edited.{" "}
              {isWide ? "Left: the disk. Right: yours." : "Yours, with what the disk has marked."}
            </p>
            <Button
              size="compact-sm"
              variant="default"
              disabled={state.isSaving}
              onClick={() => {
                setFirst(state.theirs.text);
                setBase({ etag: state.theirs.etag });
                setIsDirty(false);
                setState({ type: "editing" });
              }}
            >
              Discard mine
            </Button>
            <Button size="compact-sm" loading={state.isSaving} onClick={saveMerged}>
              Save merged
            </Button>
          </>
        ) : (
          <>
            <p role="status">{news ?? message ?? (isDirty ? "Not saved yet." : "")}</p>
            {isStale ? (
              <Button size="compact-sm" variant="default" onClick={() => void compare()}>
                Compare
              </Button>
            ) : null}
            <Button size="compact-sm" variant="default" onClick={onClose}>
              Done
            </Button>
            <Button
              size="compact-sm"
              loading={state.type === "saving"}
              disabled={!isDirty && base !== "nothing"}
              onClick={saveMine}
            >
              Save
            </Button>
          </>
        )}
      </div>
      <div className={classes["code"]}>
        <Suspense fallback={<RowSkeletons label="Loading the editor" />}>
          {state.type === "merging" ? (
            <Compare
              key={state.theirs.etag}
              before={state.theirs.text}
              after={state.mine}
              name={name}
              labels={{ before: `${name} on the disk`, after: `${name}, yours` }}
              isWide={isWide}
              isEditable
              handle={merged}
            />
          ) : (
            <Code
              text={first}
              name={name}
              label={name}
              readOnly={false}
              onDirty={setIsDirty}
              onSave={saveMine}
              handle={editor}
            />
          )}
        </Suspense>
      </div>
    </div>
  );
}
