/** Reads what a search through the transcripts finds, while it finds it; another search ends the one before. */
import { sessionSearchEvent, type SessionSearchHit } from "@lodge/shared";
import { useEffect, useState } from "react";
import { sseParser } from "../../lib/sse.ts";

export interface Found {
  status: "idle" | "searching" | "complete" | "cut";
  hits: readonly SessionSearchHit[];
  /** Transcripts that were looked through. */
  searched: number;
  problem: string | null;
}

/** Fewer characters stand nearly everywhere; the server refuses them. */
const shortest = 2;

const begin = (words: string): Found => ({
  status: words.trim().length < shortest ? "idle" : "searching",
  hits: [],
  searched: 0,
  problem: null,
});

export function useTranscriptSearch(words: string): Found {
  const [state, setState] = useState(() => ({ words, found: begin(words) }));
  const isNew = state.words !== words;
  if (isNew) setState({ words, found: begin(words) });
  useEffect(() => {
    if (words.trim().length < shortest) return undefined;
    const controller = new AbortController();
    const update = (change: (before: Found) => Found) =>
      setState((before) => (before.words === words ? { words, found: change(before.found) } : before));
    search(words, controller.signal, update).catch((error: unknown) => {
      if (controller.signal.aborted) return;
      const problem = error instanceof Error ? error.message : String(error);
      update((before) => ({ ...before, status: "complete", problem }));
    });
    return () => controller.abort();
  }, [words]);
  return isNew ? begin(words) : state.found;
}

async function search(
  words: string,
  signal: AbortSignal,
  update: (change: (before: Found) => Found) => void,
): Promise<void> {
  const response = await fetch(`/api/session-search?${new URLSearchParams({ q: words })}`, { signal });
  if (!response.ok || response.body === null) throw new Error(`The server answered with status ${response.status}.`);
  const parse = sseParser();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let ended = false;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const events = parse(value).map((data) => sessionSearchEvent.parse(JSON.parse(data)));
    if (events.length === 0) continue;
    const hits = events.filter((event) => event.type === "hit");
    const end = events.find((event) => event.type === "end");
    ended ||= end !== undefined;
    update((before) => ({
      ...before,
      hits: [...before.hits, ...hits],
      ...(end ? { status: end.cut ? "cut" : "complete", searched: end.searched } : {}),
    }));
  }
  if (!ended) throw new Error("The line broke before everything was looked through. Search again.");
}
