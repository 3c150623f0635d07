/** What a person does to a session beyond its turns: names and tags it, forks it, deletes it. */
import {
  type ChangeSessionRequest,
  changeSessionRequest,
  forkSessionRequest,
  sessionSummary,
  type SessionSummary,
} from "@lodge/shared";
import { Elysia } from "elysia";
import { z } from "zod";
import type { Caller } from "../../auth/caller.ts";
import { ApiError } from "../../http/errors.ts";
import { callerOf } from "../../http/request-context.ts";
import { SessionError } from "../../sessions/index.ts";

export interface SessionChanges {
  /** @throws SessionError `session_unknown` */
  change(id: string, change: ChangeSessionRequest, caller: Caller): SessionSummary;
  /**
   * @param entry of the transcript
   * @throws SessionError `session_unknown`, `session_busy`, `transcript_unreadable`
   */
  fork(id: string, entry: string | undefined, caller: Caller): Promise<SessionSummary>;
  /** @throws SessionError `session_unknown`, `session_busy` */
  delete(id: string, caller: Caller): Promise<void>;
}

const params = z.object({ id: z.uuid() });
const response = z.object({ session: sessionSummary });

export const sessionChanges = (changes: SessionChanges) =>
  new Elysia({ name: "session-changes", prefix: "/api/sessions/:id", detail: { tags: ["Dashboard"] } })
    .patch("/", ({ params: { id }, body, request }) => ({ session: changes.change(id, body, callerOf(request)) }), {
      params,
      body: changeSessionRequest,
      response,
      detail: { summary: "Give a session a title or tags of your own" },
    })
    .post(
      "/fork",
      async ({ params: { id }, body: { entry }, request }) => {
        const session = await changes.fork(id, entry, callerOf(request)).catch((error: unknown) => {
          if (!(error instanceof SessionError) || error.kind !== "transcript_unreadable") throw error;
          throw new ApiError("not_found", error.message, { param: entry === undefined ? "id" : "entry", cause: error });
        });
        return { session };
      },
      {
        params,
        body: forkSessionRequest,
        response,
        detail: {
          summary: "Branch a session off another",
          description: "A new session whose transcript is the other's up to an entry. The other stays as it is.",
        },
      },
    )
    .delete(
      "/",
      async ({ params: { id }, request }) => {
        await changes.delete(id, callerOf(request));
        return { ok: true };
      },
      {
        params,
        response: z.object({ ok: z.boolean() }),
        detail: {
          summary: "Delete a session and its transcript",
          description: "What its turns took stays in the figures of usage. 409 while a turn is under way.",
        },
      },
    );
