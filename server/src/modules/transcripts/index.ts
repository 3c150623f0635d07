/** A session's transcript under `/api/sessions/:id/transcript`, read from the CLI's own file. */
import { transcriptEntry, transcriptEntryQuery, transcriptPage, transcriptQuery } from "@lodge/shared";
import { Elysia } from "elysia";
import { z } from "zod";
import { ApiError } from "../../http/errors.ts";
import { readEntry, readPage } from "./page.ts";

export interface TranscriptSource {
  /** Where the transcript of a session, or of a subagent of it, is; null when there never was such a session. */
  transcriptPath(id: string, agent?: string): string | null;
}

const params = z.object({ id: z.uuid() });

export const transcripts = (source: TranscriptSource) => {
  const pathOf = (id: string, agent: string | undefined): string => {
    const path = source.transcriptPath(id, agent);
    if (path === null) throw new ApiError("not_found", "There is no session with that id.", { param: "id" });
    return path;
  };
  return new Elysia({ name: "transcripts", prefix: "/api/sessions/:id/transcript", detail: { tags: ["Dashboard"] } })
    .get("/", ({ params: { id }, query }) => readPage(pathOf(id, query.agent), query), {
      params,
      query: transcriptQuery,
      response: transcriptPage,
      detail: { summary: "A page of a session's transcript: its end, or what is before or after a cursor" },
    })
    .get(
      "/entry",
      async ({ params: { id }, query: { entry, whole, agent } }) => {
        const found = await readEntry(pathOf(id, agent), entry, whole);
        if (!found)
          throw new ApiError("not_found", "That entry is not in the transcript any more.", { param: "entry" });
        return found;
      },
      {
        params,
        query: transcriptEntryQuery,
        response: transcriptEntry,
        detail: { summary: "One entry of a transcript with all that it says" },
      },
    );
};
