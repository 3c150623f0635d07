/** A session's screen as it was at a moment, laid over the one of now, which stays as it is meanwhile. */
import { Button } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect } from "react";
import { dateTime } from "../../lib/format.ts";
import { type AskedMoment, recordingAt, type ShownMoment } from "./moments.ts";
import { recordingsQuery } from "./queries.ts";
import classes from "./screen-then.module.css";

// With an emulator of its own: only who plays one needs it.
const RecordingPlayer = lazy(() => import("./player.tsx").then((module) => ({ default: module.RecordingPlayer })));

interface ScreenThenProps {
  sessionId: string;
  asked: AskedMoment;
  /** Told of the moment that is shown; null when none is any more. */
  onMoment: (moment: ShownMoment | null) => void;
  onBack: () => void;
}

export function ScreenThen({ sessionId, asked, onMoment, onBack }: ScreenThenProps) {
  const { data: recordings, error } = useQuery(recordingsQuery(sessionId));
  useEffect(() => () => onMoment(null), [onMoment]);
  const recording = recordingAt(recordings ?? [], asked.at);
  return (
    <section
      className={classes["then"]}
      aria-label="The screen as it was"
      onKeyDown={(event) => {
        if (event.key === "Escape") onBack();
      }}
    >
      <div className={classes["bar"]} role="status">
        <IconHistory size={16} aria-hidden />
        <span>
          The screen as it was at <strong>{dateTime(asked.at)}</strong>
        </span>
        <Button size="compact-sm" onClick={onBack}>
          Back to now
        </Button>
      </div>
      {recording !== null ? (
        <Suspense fallback={<p className={classes["words"]}>Loading the player</p>}>
          <RecordingPlayer
            key={recording.id}
            recording={recording}
            asked={asked}
            hasMarks={false}
            onMoment={onMoment}
          />
        </Suspense>
      ) : (
        <p className={classes["words"]}>
          {error !== null ? error.message : recordings === undefined ? "Looking for its recording" : nothing}
        </p>
      )}
    </section>
  );
}

const nothing =
  "No recording has the screen of that moment: it was not recorded, is too old to be kept, or was deleted.";
