/** A file as what it is: a picture, a table, a paper, a film, or its bytes. Nothing in it can run, and nothing is fetched. */
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useMemo, useState } from "react";
import { bytes } from "../../lib/bytes.ts";
import { exact } from "../../lib/format.ts";
import { RowSkeletons } from "../../lib/row-skeletons.tsx";
import { MarkdownText } from "../transcript/markdown.tsx";
import { hexLines } from "./hex.ts";
import type { File, FileKind } from "./kind.ts";
import { contentAddress, contentQuery, startQuery } from "./requests.ts";
import { tableOf } from "./table.ts";
import classes from "./previews.module.css";

const Code = lazy(() => import("./editor/code.tsx"));

/** Bytes that are shown of what is no text, and of a text that is too long to be shown whole. */
const hexBytes = 4096;
const longBytes = 512 * 1024;

interface PreviewProps {
  workspace: string;
  file: File;
  name: string;
}

export function Preview({ kind, ...props }: PreviewProps & { kind: FileKind }) {
  switch (kind) {
    case "markdown":
      return (
        <OfText {...props}>
          {(text) => (
            <article className={classes["markdown"]}>
              <MarkdownText text={text} />
            </article>
          )}
        </OfText>
      );
    case "json":
      return <OfText {...props}>{(text) => <Source text={formatted(text)} {...props} />}</OfText>;
    case "csv":
      return <OfText {...props}>{(text) => <TableView text={text} name={props.name} />}</OfText>;
    case "text":
      return <OfText {...props}>{(text) => <Source text={text} {...props} />}</OfText>;
    case "image":
      return <Picture {...props} />;
    case "pdf":
      return <Paper {...props} />;
    case "audio":
    case "video":
      return <Film {...props} kind={kind} />;
    case "long":
      return <Start {...props} size={longBytes} />;
    case "binary":
      return <Start {...props} size={hexBytes} isHex />;
  }
}

interface SourceProps {
  name: string;
  text: string;
  line?: number | undefined;
}

export function Source({ name, text, line }: SourceProps) {
  return (
    <Suspense fallback={<RowSkeletons label="Loading the editor" />}>
      <Code text={text} name={name} label={name} line={line} />
    </Suspense>
  );
}

/** Gives a file's text to what shows it. */
export function OfText({ workspace, file, children }: PreviewProps & { children: (text: string) => React.ReactNode }) {
  const { data, error } = useQuery(contentQuery(workspace, file.path));
  if (error !== null && data === undefined) return <p className={classes["none"]}>{error.message}</p>;
  if (data === undefined) return <RowSkeletons label="Loading the file" />;
  if (data === null) return <p className={classes["none"]}>It is not the text that its beginning promised.</p>;
  if (data.text === "") return <p className={classes["none"]}>There is nothing in it.</p>;
  return children(data.text);
}

function formatted(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** The tag in the address: a picture that changed is another picture. */
const versioned = (workspace: string, file: File): string =>
  `${contentAddress(workspace, file.path)}&v=${encodeURIComponent(file.etag)}`;

function Picture({ workspace, file, name }: PreviewProps) {
  const [size, setSize] = useState<string | null>(null);
  const address = versioned(workspace, file);
  return (
    <figure className={classes["picture"]}>
      <img
        key={address}
        src={address}
        alt={name}
        onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) => setSize(`${naturalWidth} × ${naturalHeight}`)}
        onError={() => setSize("The browser cannot show it")}
      />
      <figcaption>{size}</figcaption>
    </figure>
  );
}

function Paper({ workspace, file, name }: PreviewProps) {
  return (
    <object className={classes["paper"]} type="application/pdf" data={versioned(workspace, file)} aria-label={name}>
      <p className={classes["none"]}>
        This browser shows no PDF within a page. <a href={contentAddress(workspace, file.path, true)}>Download it</a>{" "}
        instead.
      </p>
    </object>
  );
}

function Film({ workspace, file, name, kind }: PreviewProps & { kind: "audio" | "video" }) {
  const address = versioned(workspace, file);
  return (
    <div className={classes["film"]}>
      {/* oxlint-disable-next-line jsx-a11y/media-has-caption -- whoever made it made none */}
      {kind === "audio" ? (
        <audio controls src={address} aria-label={name} />
      ) : (
        <video controls src={address} aria-label={name} />
      )}
    </div>
  );
}

function TableView({ text, name }: { text: string; name: string }) {
  const table = useMemo(() => tableOf(text), [text]);
  if (table === null) return <p className={classes["none"]}>There is nothing in it.</p>;
  return (
    // Reachable by keyboard, since it scrolls.
    <div className={classes["table"]} tabIndex={0} role="region" aria-label={`${name} as a table`}>
      <table>
        <thead>
          <tr>
            {table.head.map((cell, index) => (
              // Columns have no identity beside their place.
              // oxlint-disable-next-line react/no-array-index-key
              <th key={index} scope="col">
                {cell}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, index) => (
            // oxlint-disable-next-line react/no-array-index-key -- nor have rows
            <tr key={index}>
              {row.map((cell, column) => (
                // oxlint-disable-next-line react/no-array-index-key -- nor their cells
                <td key={column}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {table.count > table.rows.length ? (
        <p className={classes["rest"]}>
          {exact(table.rows.length)} of {exact(table.count)} rows.
        </p>
      ) : null}
    </div>
  );
}

/** The beginning of what is too long, or is no text. */
function Start({ workspace, file, name, size, isHex = false }: PreviewProps & { size: number; isHex?: boolean }) {
  const { data, error } = useQuery(startQuery(workspace, file.path, size));
  const text = useMemo(
    () => (data === undefined ? "" : isHex ? hexLines(data) : new TextDecoder().decode(data, { stream: true })),
    [data, isHex],
  );
  if (data === undefined) {
    return error === null ? (
      <RowSkeletons label="Loading the file" />
    ) : (
      <p className={classes["none"]}>{error.message}</p>
    );
  }
  return (
    <div className={classes["start"]}>
      {file.size > data.byteLength ? (
        <p className={classes["rest"]}>
          The first {bytes(data.byteLength)} of {bytes(file.size)}.
        </p>
      ) : null}
      {isHex ? (
        <pre tabIndex={0} role="region" aria-label={`Bytes of ${name}`}>
          {text === "" ? "There is nothing in it." : text}
        </pre>
      ) : (
        <div className={classes["source"]}>
          <Source text={text} name={name} />
        </div>
      )}
    </div>
  );
}
