/** Recordings of terminals under `/api/recordings`: which there are, each as a file, and their end. */
import { recordingLimits, recordingSummary, type RecordingSummary } from "@lodge/shared";
import { Elysia } from "elysia";
import { z } from "zod";
import type { Caller } from "../../auth/caller.ts";
import { ApiError } from "../../http/errors.ts";
import { callerOf } from "../../http/request-context.ts";
import type { Recordings } from "../../terminals/index.ts";
import { castReply } from "./reply.ts";

export interface RecordingSource extends Pick<Recordings, "list" | "get" | "read"> {
  /** False when there is none with that id. */
  remove(id: string, caller: Caller): Promise<boolean>;
}

const params = z.object({ id: z.uuid() });
const unknown = () =>
  new ApiError("not_found", "There is no recording with that id. It may have been too old to be kept.", {
    param: "id",
  });

export const recordings = (source: RecordingSource) => {
  const recordingOf = (id: string): RecordingSummary => {
    const recording = source.get(id);
    if (recording) return recording;
    throw unknown();
  };

  return new Elysia({ name: "recordings", prefix: "/api/recordings", detail: { tags: ["Terminals"] } })
    .get("", ({ query: { session } }) => ({ recordings: source.list(session ?? null, recordingLimits.listing) }), {
      query: z.object({ session: z.uuid().optional() }),
      response: z.object({ recordings: z.array(recordingSummary).max(recordingLimits.listing) }),
      detail: {
        summary: "Recordings of terminals, the latest first",
        description: "One for each process that a session had. `session` asks for those of one session.",
      },
    })
    .get("/:id", ({ params: { id } }) => ({ recording: recordingOf(id) }), {
      params,
      response: z.object({ recording: recordingSummary }),
      detail: { summary: "A recording, without what is in it" },
    })
    .get("/:id/cast", ({ params: { id }, request }) => castReply(request, recordingOf(id), source.read(id)), {
      params,
      detail: {
        summary: "Download a recording",
        description:
          "In the format asciicast v2: output, changes of size, marks where a turn began, and what was typed unless `LODGE_RECORDINGS` leaves it out. One that goes on is sent as far as it has come.",
        responses: {
          200: { description: "The recording", content: { "application/x-asciicast": { schema: { type: "string" } } } },
        },
      },
    })
    .delete(
      "/:id",
      async ({ params: { id }, request }) => {
        if (!(await source.remove(id, callerOf(request)))) throw unknown();
        return { ok: true };
      },
      {
        params,
        response: z.object({ ok: z.boolean() }),
        detail: {
          summary: "Delete a recording",
          description: "Of one that goes on, what there is so far; nothing more is recorded of that process then.",
        },
      },
    );
};
