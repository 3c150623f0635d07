/** Files on their way, and what became of them. */
import { Button, CloseButton } from "@mantine/core";
import { bytes } from "../../lib/bytes.ts";
import { count } from "../../lib/format.ts";
import { useStore } from "../../lib/store.ts";
import type { Upload, Uploads } from "./uploads.ts";
import classes from "./upload-list.module.css";

/** Rows at one time: a folder may have thousands of files. Those that want something come first. */
const maxRows = 50;

const order: Record<Upload["state"]["type"], number> = { failed: 0, taken: 1, sending: 2, waiting: 3, done: 4 };

export function UploadList({ uploads }: { uploads: Uploads }) {
  const list = useStore(uploads.list);
  if (list.length === 0) return null;
  const of = (type: Upload["state"]["type"]) => list.filter(({ state }) => state.type === type);
  const size = list.reduce((sum, upload) => sum + upload.size, 0);
  const sent = list.reduce((sum, upload) => sum + sentOf(upload), 0);
  const open = of("waiting").length + of("sending").length;
  const taken = of("taken");
  const shown = list.toSorted((a, b) => order[a.state.type] - order[b.state.type]).slice(0, maxRows);
  return (
    <section className={classes["panel"]} aria-label="Uploads">
      <header>
        <p role="status">
          {open === 0 ? `${count(of("done").length, "file")} uploaded` : `Uploading ${count(open, "file")}`} ·{" "}
          {bytes(sent)} of {bytes(size)}
        </p>
        {taken.length > 1 ? (
          <Button size="compact-xs" variant="default" onClick={() => taken.forEach(({ id }) => uploads.replace(id))}>
            Replace all {taken.length}
          </Button>
        ) : null}
        <CloseButton
          size="sm"
          aria-label={open === 0 ? "Close the uploads" : "Cancel all uploads"}
          onClick={uploads.close}
        />
      </header>
      <ul>
        {shown.map((upload) => (
          <li key={upload.id}>
            <span className={classes["path"]} title={upload.path}>
              {upload.path}
            </span>
            <State upload={upload} uploads={uploads} />
          </li>
        ))}
      </ul>
      {list.length > shown.length ? <p className={classes["rest"]}>and {list.length - shown.length} more</p> : null}
    </section>
  );
}

function sentOf({ state, size }: Upload): number {
  if (state.type === "done") return size;
  return state.type === "sending" ? Math.min(state.sent, size) : 0;
}

function State({ upload, uploads }: { upload: Upload; uploads: Uploads }) {
  const { id, state, size, path } = upload;
  switch (state.type) {
    case "waiting":
      return <span className={classes["state"]}>waiting</span>;
    case "sending":
      return <progress max={Math.max(1, size)} value={Math.min(state.sent, size)} aria-label={`Uploading ${path}`} />;
    case "done":
      return <span className={classes["state"]}>done</span>;
    case "taken":
      return (
        <span className={classes["choice"]}>
          <span>There is one already</span>
          <Button size="compact-xs" variant="default" onClick={() => uploads.replace(id)}>
            Replace
          </Button>
          <Button size="compact-xs" variant="subtle" color="gray" onClick={() => uploads.drop(id)}>
            Skip
          </Button>
        </span>
      );
    case "failed":
      return (
        <span className={classes["choice"]}>
          <span className={classes["failed"]}>{state.message}</span>
          <Button size="compact-xs" variant="default" onClick={() => uploads.retry(id)}>
            Try again
          </Button>
        </span>
      );
  }
}
