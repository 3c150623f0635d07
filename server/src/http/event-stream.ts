/**
 * Server-sent events: one reply that owns its source. When the client goes away the source is told once and nothing
 * more is asked of it; while the line is quiet a heartbeat keeps proxies from closing it.
 */
import { contextOf } from "./request-context.ts";

/** Quiet time in milliseconds after which a heartbeat is sent; clients and proxies give up after 15 s or more. */
export const heartbeatMs = 10_000;

export const heartbeatOf = (request: Request): number => contextOf(request).heartbeatMs ?? heartbeatMs;

/** Bun sends a reply's headers with its first bytes: milliseconds after which a client without either gets a heartbeat. */
const firstByteMs = 100;

export interface EventStreamOptions {
  /** What to send on a quiet line. A comment is ignored by every client. */
  heartbeat?: string;
  headers?: Record<string, string>;
}

/** A reply to `request` that sends each string of `frames` (complete frames, blank line included) as soon as it is there. */
export function eventStream(
  request: Request,
  frames: AsyncIterable<string>,
  options: EventStreamOptions = {},
): Response {
  const iterator = frames[Symbol.asyncIterator]();
  const quietMs = heartbeatOf(request);
  const heartbeat = encoder.encode(options.heartbeat ?? ": keep-alive\n\n");
  const { promise: over, resolve: finish } = Promise.withResolvers<void>();
  contextOf(request).streaming = over;
  let pending: Promise<IteratorResult<string>> | undefined;
  let timer: Timer | undefined;
  let begun = false;

  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        pending ??= iterator.next();
        const quiet = new Promise<"quiet">((resolve) => {
          timer = setTimeout(resolve, begun ? quietMs : firstByteMs, "quiet");
        });
        begun = true;
        try {
          const next = await Promise.race([pending, quiet]);
          if (next === "quiet") return controller.enqueue(heartbeat);
          pending = undefined;
          if (!next.done) return controller.enqueue(encoder.encode(next.value));
          controller.close();
          finish();
        } catch (error) {
          finish();
          throw error;
        } finally {
          clearTimeout(timer);
        }
      },
      async cancel() {
        clearTimeout(timer);
        finish();
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers: { ...eventStreamHeaders, ...options.headers } });
}

const encoder = new TextEncoder();

const eventStreamHeaders = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache",
  // nginx and its kind gather a reply before they pass it on unless told not to.
  "x-accel-buffering": "no",
};
