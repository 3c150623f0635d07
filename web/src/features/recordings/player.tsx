/** Plays one recording, with the turns in it to go to, and tells which moment it shows. */
import type { RecordingSummary } from "@lodge/shared";
import { useQuery } from "@tanstack/react-query";
import * as AsciinemaPlayer from "asciinema-player";
import { useEffect, useMemo, useRef, useState } from "react";
import "asciinema-player/dist/bundle/asciinema-player.css";
import { CastClock, cutStart, type Mark, marksOf, playTime } from "./cast.ts";
import { type AskedMoment, drawnMs, type ShownMoment, surelyDrawnMs } from "./moments.ts";
import { castAddress } from "./queries.ts";
import classes from "./recordings.module.css";

/** Seconds that a pause takes at most when it is played. */
const idleSeconds = 2;
/** Milliseconds between two looks at what is shown. */
const lookMs = 200;

export interface PlayerProps {
  recording: RecordingSummary;
  /** The moment to show; its beginning when null. */
  asked: AskedMoment | null;
  /** Whether to list the turns: not where they can be seen beside it. */
  hasMarks?: boolean;
  /** Told of the moment that is shown, whenever it is another one. */
  onMoment: (moment: ShownMoment) => void;
}

export function RecordingPlayer({ recording, asked, hasMarks = true, onMoment }: PlayerProps) {
  const at = asked?.at ?? null;
  const { id, isCut, startedAt } = recording;
  // What was read before is enough unless the moment is a later one: a player that begins anew by itself is of no use.
  const [known, setKnown] = useState<{ cast: string; clock: CastClock }>();
  const isEnough = known !== undefined && (at === null || recording.endedAt !== null || at <= known.clock.end);
  const { data, error } = useQuery({
    queryKey: ["cast", id, at],
    enabled: !isEnough,
    queryFn: async ({ signal }) => {
      const cast = await fetchCast(id, signal);
      const start = isCut ? (cutStart(cast) ?? startedAt) : startedAt;
      return { cast, clock: new CastClock(cast, start, idleSeconds) };
    },
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
  if (data !== undefined && !isEnough && data !== known) setKnown(data);
  if (known === undefined) return <p role="status">{error === null ? "Loading the recording" : error.message}</p>;
  return <Playing {...known} asked={asked} hasMarks={hasMarks} onMoment={onMoment} />;
}

async function fetchCast(id: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(castAddress(id), { signal });
  if (response.ok) return response.text();
  throw new Error(response.status === 404 ? "This recording is gone." : `The server answered ${response.status}.`);
}

interface PlayingProps extends Required<Pick<PlayerProps, "asked" | "hasMarks" | "onMoment">> {
  cast: string;
  clock: CastClock;
}

function Playing({ cast, clock, asked, hasMarks, onMoment }: PlayingProps) {
  const host = useRef<HTMLDivElement>(null);
  const [player, setPlayer] = useState<AsciinemaPlayer.Player>();
  const marks = useMemo(() => marksOf(cast), [cast]);
  useEffect(() => {
    if (host.current === null) return undefined;
    const made = AsciinemaPlayer.create({ data: cast }, host.current, {
      idleTimeLimit: idleSeconds,
      // Beside other things it is as high as it must be.
      fit: hasMarks ? "width" : "both",
      theme: "lodge",
      controls: true,
      preload: true,
      terminalFontFamily: "var(--mantine-font-family-monospace)",
    });
    setPlayer(made);
    return () => {
      setPlayer(undefined);
      made.dispose();
    };
  }, [cast, hasMarks]);

  /** Seconds of the player that were told last; nobody has asked for the beginning. */
  const told = useRef(0);
  useEffect(() => {
    if (player === undefined || asked === null) return undefined;
    let isLatest = true;
    void (async () => {
      await player.pause();
      // Once it is drawn, and before the next turn begins or the next thing is said.
      const turn = marks.find((mark) => clock.timeOf(mark.at) > asked.at);
      const { at, until = at + drawnMs } = asked;
      const next = turn === undefined ? Number.POSITIVE_INFINITY : clock.timeOf(turn.at);
      await player.seek(clock.secondsAt(Math.min(at + surelyDrawnMs, Math.max(until, at + drawnMs), next)));
      if (!isLatest) return;
      told.current = player.getCurrentTime();
      onMoment({ at: asked.at, isTurn: false });
      // It was disposed of meanwhile.
    })().catch(() => {});
    return () => {
      isLatest = false;
    };
  }, [player, clock, marks, asked, onMoment]);

  useEffect(() => {
    if (player === undefined) return undefined;
    const timer = setInterval(() => {
      const seconds = player.getCurrentTime();
      if (seconds === told.current) return;
      told.current = seconds;
      onMoment({ at: clock.momentAt(seconds) - drawnMs, isTurn: false });
    }, lookMs);
    return () => clearInterval(timer);
  }, [player, clock, onMoment]);

  async function goTo(index: number): Promise<void> {
    await player?.seek({ marker: index });
    told.current = player?.getCurrentTime() ?? 0;
    onMoment({ at: clock.momentAt(told.current), isTurn: true });
  }

  return (
    <section className={classes["player"]} aria-label="Player">
      <div ref={host} className={classes["screen"]} data-asked={asked !== null} />
      {!hasMarks || marks.length === 0 ? null : <Marks marks={marks} onGo={(index) => void goTo(index)} />}
    </section>
  );
}

function Marks({ marks, onGo }: { marks: readonly Mark[]; onGo: (index: number) => void }) {
  return (
    <ol className={classes["marks"]} aria-label="Turns in this recording">
      {marks.map(({ at, text }, index) => (
        // Nothing else tells two of them apart, and they stay as they are.
        // oxlint-disable-next-line react/no-array-index-key
        <li key={index}>
          <button type="button" title={text} onClick={() => onGo(index)}>
            <span>{playTime(at)}</span> {text}
          </button>
        </li>
      ))}
    </ol>
  );
}
