import type { Clock } from "./clock.ts";
import type { Beat } from "./stream.ts";

/** Bytes gathered into one chunk while nothing has to wait: a word a write would cost more than the word. */
const CHUNK_CHARACTERS = 16_384;

/** A comment, which every SSE reader skips. The server sends its headers with the first bytes of a body, not before. */
const HEADERS_ONLY = ":\n\n";

/**
 * Plays a reply to a client as fast as the client reads it. `over` aborts when the client goes away, which ends
 * every wait, and is aborted here when the reply has ended.
 */
export function play(beats: Iterator<Beat>, clock: Clock, over: AbortController): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let owedMs = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (owedMs > 0) await clock.sleep(owedMs, over.signal);
        owedMs = 0;
        let chunk = "";
        while (chunk.length < CHUNK_CHARACTERS) {
          const next = beats.next();
          if (next.done === true) {
            controller.enqueue(encoder.encode(chunk));
            controller.close();
            over.abort();
            return;
          }
          if ("pauseMs" in next.value) {
            owedMs = next.value.pauseMs;
            break;
          }
          const { event } = next.value;
          chunk += `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
        }
        controller.enqueue(encoder.encode(chunk));
      },
      cancel: () => over.abort(),
    },
    // Nothing is made before it is asked for.
    { highWaterMark: 0 },
  );
}

/** A stream that opens and then says nothing until the client goes away. */
export function silence(over: AbortController): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(HEADERS_ONLY));
      over.signal.addEventListener("abort", () => controller.error(over.signal.reason), { once: true });
    },
    cancel: () => over.abort(),
  });
}
