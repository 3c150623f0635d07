/** Replies that are streams: begun at once, and known of until they are over. */

const comment = new TextEncoder().encode(": stream\n\n");

/** Sends the head of a stream at once: the server otherwise waits with it for the first event. */
export function opened(response: Response): Response {
  const { body } = response;
  if (!body || !response.headers.get("content-type")?.startsWith("text/event-stream")) return response;
  const beginning = new TransformStream<Uint8Array, Uint8Array>({
    start: (controller) => controller.enqueue(comment),
  });
  const headers = new Headers(response.headers);
  headers.set("x-accel-buffering", "no");
  return new Response(body.pipeThrough(beginning), { status: response.status, headers });
}

/** @param over called once: when the last byte is out, or its reader is gone */
export function whenOver(response: Response, over: () => void): Response {
  const { body, status, headers } = response;
  if (!body) {
    over();
    return response;
  }
  const reader = body.getReader();
  const watched = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (!done) return controller.enqueue(value);
          controller.close();
          over();
        } catch (error) {
          over();
          throw error;
        }
      },
      async cancel(reason) {
        over();
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(watched, { status, headers });
}
