/** One message of the conversation, and what can be done with it. */
import { ActionIcon, Button, Textarea, Tooltip } from "@mantine/core";
import { IconPencil, IconRefresh } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { CopyButton } from "../../lib/copy-button.tsx";
import { exact } from "../../lib/format.ts";
import type { Asked, Reply, ReplyFacts } from "./conversation.ts";
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
  const { text, thinking, state, error, facts } = entry;
  const over = state !== "waiting" && state !== "streaming";
  return (
    <article className={classes["reply"]} aria-label="Claude" aria-busy={!over}>
      {thinking === "" ? null : (
        <details className={classes["thinking"]}>
          <summary>Thinking</summary>
          <p>{thinking}</p>
        </details>
      )}
      {state === "waiting" ? <p className={classes["waiting"]}>Waiting for the first words</p> : <p>{text}</p>}
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
