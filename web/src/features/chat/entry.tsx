/** One message of the conversation, and what can be done with it. */
import { ActionIcon, Button, Textarea, Tooltip } from "@mantine/core";
import { IconPencil, IconRefresh } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useDeferredValue, useState } from "react";
import { CopyButton } from "../../lib/copy-button.tsx";
import { exact } from "../../lib/format.ts";
import type { Asked, Reply, ReplyFacts, Round } from "./conversation.ts";
import classes from "./page.module.css";

interface AskedProps {
  entry: Asked;
  /** Says it in other words; what came after is then said anew. */
  onEdit: (text: string) => void;
}

export function AskedEntry({ entry, onEdit }: AskedProps) {
  const [draft, setDraft] = useState<string | null>(null);
  if (draft !== null) {
    return (
      <form
        className={classes["asked"]}
        onSubmit={(event) => {
          event.preventDefault();
          onEdit(draft);
          setDraft(null);
        }}
      >
        <Textarea
          aria-label="Edited message"
          autosize
          maxRows={12}
          value={draft}
          onChange={(event) => setDraft(event.currentTarget.value)}
        />
        <div className={classes["actions"]}>
          <Button size="xs" type="submit" disabled={draft.trim() === ""}>
            Send from here
          </Button>
          <Button size="xs" variant="subtle" color="gray" onClick={() => setDraft(null)}>
            Cancel
          </Button>
        </div>
      </form>
    );
  }
  return (
    <article className={classes["asked"]} aria-label="You">
      {entry.pictures.map((picture) =>
        picture.mediaType.startsWith("image/") ? (
          <img
            key={picture.name}
            src={`data:${picture.mediaType};base64,${picture.data}`}
            alt={picture.name}
            className={classes["picture"]}
          />
        ) : (
          <p key={picture.name}>{picture.name}</p>
        ),
      )}
      <p>{entry.text}</p>
      <div className={classes["actions"]}>
        <Tooltip label="Edit, and go on from here">
          <ActionIcon variant="subtle" color="gray" aria-label="Edit" onClick={() => setDraft(entry.text)}>
            <IconPencil size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </div>
    </article>
  );
}

interface ReplyProps {
  entry: Reply;
  /** Only the last reply can be asked for again. */
  onAgain: (() => void) | undefined;
}

export function ReplyEntry({ entry, onAgain }: ReplyProps) {
  const { rounds, text, thinking, state, error, facts } = entry;
  const over = state !== "waiting" && state !== "streaming";
  return (
    <article className={classes["reply"]} aria-label="Claude" aria-busy={!over}>
      {thinking === "" ? null : (
        <details className={classes["thinking"]}>
          <summary>Thinking</summary>
          <p>{thinking}</p>
        </details>
      )}
      {rounds.map((round, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- rounds are only ever added at the end
        <RoundView key={index} round={round} />
      ))}
      {state === "waiting" ? (
        <p className={classes["waiting"]}>
          {rounds.length === 0 ? "Waiting for the first words" : "Waiting for what it makes of the results"}
        </p>
      ) : (
        <Words text={text} />
      )}
      {state === "stopped" ? <p className={classes["note"]}>Stopped.</p> : null}
      {error === undefined ? null : (
        <p role="alert" className={classes["problem"]}>
          {error}
        </p>
      )}
      <div className={classes["actions"]}>
        {over && text !== "" ? <CopyButton text={text} label="Copy the reply" /> : null}
        {over && onAgain ? (
          <Tooltip label="Ask for it again">
            <ActionIcon variant="subtle" color="gray" aria-label="Regenerate" onClick={onAgain}>
              <IconRefresh size={16} aria-hidden />
            </ActionIcon>
          </Tooltip>
        ) : null}
        <Facts facts={facts} />
      </div>
    </article>
  );
}

/** Loaded with the first reply: the page is there without it. */
const MarkdownText = lazy(() =>
  import("../transcript/markdown.tsx").then((module) => ({ default: module.MarkdownText })),
);

/** Characters beyond which a reply is shown as it is: making Markdown of it anew with each piece would take too long. */
const maxMarkdown = 50_000;

function Words({ text }: { text: string }) {
  // The pieces of a fast reply come quicker than a page can be drawn.
  const shown = useDeferredValue(text);
  if (shown.length > maxMarkdown) return <p>{shown}</p>;
  return (
    <Suspense fallback={<p>{shown}</p>}>
      <MarkdownText text={shown} />
    </Suspense>
  );
}

/** What it said, and which tools it asked this page for. */
function RoundView({ round: { text, calls } }: { round: Round }) {
  return (
    <>
      {text === "" ? null : <Words text={text} />}
      {calls.map(({ id, name, input, result, isError }) => (
        <details key={id} className={classes["tool"]} data-failed={isError} open>
          <summary>
            <code>{name}</code> {isError ? "failed" : "was run by this page"}
          </summary>
          <pre>{input || "{}"}</pre>
          <pre>{result}</pre>
        </details>
      ))}
    </>
  );
}

function Facts({ facts }: { facts: ReplyFacts }) {
  const { source, sessionId, firstMs, totalMs, inputTokens, outputTokens, stopReason } = facts;
  const parts = [
    firstMs === undefined ? null : `first words after ${exact(Math.round(firstMs))} ms`,
    totalMs === undefined ? null : `${exact(Math.round(totalMs))} ms in all`,
    inputTokens === undefined ? null : `${exact(inputTokens)} tokens in`,
    outputTokens === undefined ? null : `${exact(outputTokens)} out`,
    stopReason ?? null,
  ].filter((part) => part !== null);
  return (
    <p className={classes["facts"]}>
      {source === undefined ? null : sessionId === undefined ? (
        <strong>{source}</strong>
      ) : (
        <Link to="/sessions/$id" params={{ id: sessionId }} title="Show the session">
          {source}
        </Link>
      )}
      {parts.map((part) => (
        <span key={part}>{part}</span>
      ))}
    </p>
  );
}
