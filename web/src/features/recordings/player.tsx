/** Plays one recording, with the turns in it to go to. */
import type { RecordingSummary } from "@lodge/shared";
import { useQuery } from "@tanstack/react-query";
import * as AsciinemaPlayer from "asciinema-player";
import { useEffect, useRef, useState } from "react";
import "asciinema-player/dist/bundle/asciinema-player.css";
import { type Mark, marksOf, playTime } from "./cast.ts";
import { castAddress } from "./queries.ts";
import classes from "./recordings.module.css";

/** Seconds that a pause takes at most when it is played. */
const idleSeconds = 2;

export function RecordingPlayer({ recording: { id, bytes } }: { recording: RecordingSummary }) {
  const { data: cast, error } = useQuery({
    // One that goes on has more when it is opened again.
    queryKey: ["cast", id, bytes],
    queryFn: ({ signal }) => fetchCast(id, signal),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
  // The first that was read stays while it is played: a player that begins anew by itself is of no use.
  const [first, setFirst] = useState<string>();
  if (cast !== undefined && first === undefined) setFirst(cast);
  if (first === undefined) return <p role="status">{error === null ? "Loading the recording" : error.message}</p>;
  return <Playing cast={first} />;
}

async function fetchCast(id: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(castAddress(id), { signal });
  if (response.ok) return response.text();
  throw new Error(response.status === 404 ? "This recording is gone." : `The server answered ${response.status}.`);
}

function Playing({ cast }: { cast: string }) {
  const host = useRef<HTMLDivElement>(null);
  const [player, setPlayer] = useState<AsciinemaPlayer.Player>();
  const [marks] = useState(() => marksOf(cast));
  useEffect(() => {
    if (host.current === null) return undefined;
    const made = AsciinemaPlayer.create({ data: cast }, host.current, {
      idleTimeLimit: idleSeconds,
      fit: "both",
      theme: "lodge",
      controls: true,
      preload: true,
      terminalFontFamily: "var(--mantine-font-family-monospace)",
    });
    setPlayer(made);
    return () => made.dispose();
  }, [cast]);
  return (
    <section className={classes["player"]} aria-label="Player">
      <div ref={host} className={classes["screen"]} />
      {marks.length === 0 ? null : <Marks marks={marks} onGo={(index) => void player?.seek({ marker: index })} />}
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
