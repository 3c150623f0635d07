/** A text of which only the beginning is shown until more is asked for; what a page left out is fetched then. */
import type { TranscriptEntry } from "@lodge/shared";
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { answer, api } from "../../lib/api.ts";
import { useOpen } from "./open-rows.ts";
import { useSource } from "./source.ts";
import classes from "./rows.module.css";

/** Milliseconds for which a whole entry is remembered once nobody looks at it. */
const rememberedMs = 60_000;

interface LongTextProps<E extends TranscriptEntry> {
  entry: E;
  text: (entry: E) => string;
  /** Lines and characters at first. */
  lines: number;
  characters: number;
  children: (text: string) => ReactNode;
}

export function LongText<E extends TranscriptEntry>({ entry, text, lines, characters, children }: LongTextProps<E>) {
  const [open, toggle] = useOpen(`${entry.id} all`);
  const whole = useWhole(entry, open);
  const all = text((whole.data ?? entry) as E);
  const short = shorten(all, lines, characters);
  const isCut = short.length < all.length || entry.whole !== undefined;
  return (
    <>
      {children(open ? all : short)}
      {isCut ? (
        <div className={classes["more"]}>
          <Button variant="subtle" size="compact-xs" onClick={toggle} aria-expanded={open}>
            {open ? "Show less" : "Show all"}
          </Button>
          {open && whole.isFetching ? <span role="status">Loading the rest</span> : null}
          {open && whole.error !== null ? <span role="alert">{whole.error.message}</span> : null}
        </div>
      ) : null}
    </>
  );
}

function useWhole(entry: TranscriptEntry, isWanted: boolean) {
  const { sessionId, agent } = useSource();
  return useQuery({
    queryKey: ["transcript-entry", sessionId, agent ?? null, entry.id],
    enabled: isWanted && entry.whole !== undefined,
    gcTime: rememberedMs,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: () =>
      answer(
        api.sessions({ id: sessionId }).transcript.entry.get({
          query: { entry: entry.id, whole: entry.whole ?? "", ...(agent === undefined ? {} : { agent }) },
        }),
      ),
  });
}

export function shorten(text: string, lines: number, characters: number): string {
  let end = 0;
  for (let line = 0; line < lines; line++) {
    const next = text.indexOf("\n", end);
    if (next < 0) return text.slice(0, characters);
    end = next + 1;
  }
  return text.slice(0, Math.min(end - 1, characters));
}
