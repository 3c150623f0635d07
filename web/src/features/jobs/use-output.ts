/** Follows a job's output for as long as it runs and the page is there. */
import { jobEvent } from "@lodge/shared";
import { useEffect, useState } from "react";
import { sseParser } from "../../lib/sse.ts";
import { type OutputPart, withEvent } from "./output.ts";

export interface LiveOutput {
  parts: readonly OutputPart[];
  /** The line broke while the job was under way. */
  broken: boolean;
}

/** @param onEnd called when the output has come to its end */
export function useOutput(id: string, onEnd: () => void): LiveOutput & { again: () => void } {
  const [output, setOutput] = useState<LiveOutput>({ parts: [], broken: false });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const controller = new AbortController();
    // From the first that is kept, each time: what is on the page is made anew when it is all there.
    let parts: readonly OutputPart[] = [];
    read(id, controller.signal, (data) => {
      parts = data.reduce((all, text) => withEvent(all, jobEvent.parse(JSON.parse(text))), parts);
      setOutput({ parts, broken: false });
    }).then(onEnd, () => {
      if (!controller.signal.aborted) setOutput({ parts, broken: true });
    });
    return () => controller.abort();
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- each attempt reads anew
  }, [id, onEnd, attempt]);
  return { ...output, again: () => setAttempt((before) => before + 1) };
}

async function read(id: string, signal: AbortSignal, onData: (data: string[]) => void): Promise<void> {
  const response = await fetch(`/api/jobs/${encodeURIComponent(id)}/events`, { signal });
  if (!response.ok || !response.body) throw new Error(`The server answered with status ${response.status}.`);
  const parse = sseParser();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const data = parse(value);
    if (data.length > 0) onData(data);
  }
}
