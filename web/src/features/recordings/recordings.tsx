/** What a session's terminals showed, process by process: played here, kept as a file, or deleted. */
import type { RecordingSummary } from "@lodge/shared";
import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState } from "react";
import { bytes, dateTime, elapsed } from "../../lib/format.ts";
import { Notice } from "../../lib/notice.tsx";
import { RowSkeletons } from "../../lib/row-skeletons.tsx";
import { TwoClicks } from "../../lib/two-clicks.tsx";
import { type AskedMoment, recordingAt, type ShownMoment } from "./moments.ts";
import { castAddress, deleteRecording, recordingsQuery } from "./queries.ts";
import classes from "./recordings.module.css";

// With an emulator of its own: only who plays one needs it.
const RecordingPlayer = lazy(() => import("./player.tsx").then((module) => ({ default: module.RecordingPlayer })));

interface RecordingsProps {
  sessionId: string;
  /** The moment to play from. */
  asked: AskedMoment | null;
  /** Told of the moment that is shown; null when none is any more. */
  onMoment: (moment: ShownMoment | null) => void;
}

export function Recordings({ sessionId, asked, onMoment }: RecordingsProps) {
  const { data: recordings, error } = useQuery(recordingsQuery(sessionId));
  const [chosen, setChosen] = useState<{ id: string; asked: AskedMoment | null }>();
  useEffect(() => () => onMoment(null), [onMoment]);
  // What was chosen last: a recording by its button, or the one of a moment.
  const isAskedFor = asked !== null && chosen?.asked !== asked;
  const playing = isAskedFor ? (recordingAt(recordings ?? [], asked.at)?.id ?? null) : (chosen?.id ?? null);
  if (recordings === undefined) {
    return (
      <div className={classes["recordings"]}>
        {error === null ? <RowSkeletons label="Loading the recordings" /> : <p role="alert">{error.message}</p>}
      </div>
    );
  }
  if (recordings.length === 0) {
    return (
      <Notice title="No recordings">
        <p>
          Nothing was recorded of this session, or it is too old to be kept. What is recorded, and for how long, is set
          by <code>LODGE_RECORDINGS</code> and <code>LODGE_RECORDING_SECONDS</code>.
        </p>
      </Notice>
    );
  }
  const shown = recordings.find(({ id }) => id === playing);
  return (
    <div className={classes["recordings"]}>
      {shown === undefined ? null : (
        <Suspense fallback={<p>Loading the player</p>}>
          <RecordingPlayer key={shown.id} recording={shown} asked={isAskedFor ? asked : null} onMoment={onMoment} />
        </Suspense>
      )}
      <ul className={classes["list"]} aria-label="Recordings">
        {recordings.map((recording) => (
          <Row
            key={recording.id}
            recording={recording}
            isShown={recording.id === playing}
            onPlay={() => setChosen({ id: recording.id, asked })}
          />
        ))}
      </ul>
    </div>
  );
}

interface RowProps {
  recording: RecordingSummary;
  isShown: boolean;
  onPlay: () => void;
}

function Row({ recording, isShown, onPlay }: RowProps) {
  const { id, sessionId, startedAt, durationMs, bytes: size, driver, hasInput } = recording;
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => deleteRecording(id),
    onSettled: () => client.invalidateQueries({ queryKey: recordingsQuery(sessionId).queryKey }),
  });
  return (
    <li className={classes["row"]} data-shown={isShown}>
      <div className={classes["what"]}>
        <strong>{dateTime(startedAt)}</strong>
        <span>
          {elapsed(durationMs)} · {bytes(size)} · {driver === "stream" ? "log" : "terminal"}
          {driver === "terminal" && hasInput ? ", with what was typed" : ""}
        </span>
        <State recording={recording} />
      </div>
      <div className={classes["tools"]}>
        <Button size="compact-sm" variant={isShown ? "light" : "default"} aria-pressed={isShown} onClick={onPlay}>
          Play
        </Button>
        <Button size="compact-sm" variant="default" component="a" href={castAddress(id)} download>
          Download
        </Button>
        <TwoClicks
          words="Delete"
          asking="Really delete"
          title="Deletes what was recorded, for good."
          disabled={remove.isPending}
          onConfirm={() => remove.mutate()}
        />
      </div>
      <span role="alert" className={classes["problem"]}>
        {remove.error?.message}
      </span>
    </li>
  );
}

function State({ recording: { state, isCut } }: { recording: RecordingSummary }) {
  const words = [stateWords(state), ...(isCut ? ["Its beginning had to make room."] : [])].join(" ");
  return words === "" ? null : <span className={classes["state"]}>{words}</span>;
}

function stateWords(state: RecordingSummary["state"]): string {
  switch (state.name) {
    case "recording":
      return "Goes on.";
    case "complete":
      return "";
    case "incomplete":
      switch (state.fault) {
        case "server_died":
          return "Incomplete: the server ended in its midst.";
        case "write_failed":
          return "Incomplete: it could not be written to the disk.";
        case "too_slow":
          return "Incomplete: the disk did not keep up.";
      }
  }
}
