/** A recording as a file to keep: sent as it is read, however long it is. */
import type { RecordingSummary } from "@lodge/shared";
import { contextOf } from "../../http/request-context.ts";

export function castReply(request: Request, recording: RecordingSummary, text: AsyncGenerator<string>): Response {
  const { promise: over, resolve: finish } = Promise.withResolvers<void>();
  contextOf(request).streaming = over;
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await text.next();
          if (done !== true) return controller.enqueue(encoder.encode(value));
          controller.close();
          finish();
        } catch (error) {
          finish();
          throw error;
        }
      },
      async cancel() {
        finish();
        await text.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, {
    headers: {
      "content-type": "application/x-asciicast",
      "content-disposition": `attachment; filename="${fileName(recording)}"`,
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    },
  });
}

/** `lodge-1b2c3d4e-2026-11-21T09-30-00.cast`: the session's first characters, and when it began. */
function fileName({ sessionId, startedAt }: RecordingSummary): string {
  const at = new Date(startedAt).toISOString().slice(0, 19).replaceAll(":", "-");
  return `lodge-${sessionId.slice(0, 8)}-${at}.cast`;
}
