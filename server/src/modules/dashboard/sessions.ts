/** One session under `/api/sessions/:id`: what it is, what it waits for, and the answer that lets it go on. */
import { type AnswerRequest, answerRequest, prompt, sessionSummary, type SessionSummary } from "@lodge/shared";
import { Elysia } from "elysia";
import { z } from "zod";
import type { Caller } from "../../auth/caller.ts";
import { ApiError } from "../../http/errors.ts";
import { callerOf } from "../../http/request-context.ts";
import type { Prompt } from "../../sessions/index.ts";

export interface SessionSource {
  /** Null when there never was such a session. */
  session(id: string): SessionSummary | null;
  /** What it waits for a person to decide, oldest first. */
  prompts(id: string): readonly Prompt[];
  /** @throws SessionError when nothing waits under that id, or the answer does not fit */
  answer(id: string, answer: AnswerRequest, caller: Caller): Promise<void>;
}

const details = z.object({ session: sessionSummary, prompts: z.array(prompt) });
const params = z.object({ id: z.uuid() });

export const sessionRoutes = (source: SessionSource) =>
  new Elysia({ name: "session-routes", prefix: "/api/sessions", detail: { tags: ["Dashboard"] } })
    .get(
      "/:id",
      ({ params: { id } }) => {
        const session = source.session(id);
        if (!session) throw new ApiError("not_found", "There is no session with that id.", { param: "id" });
        return { session, prompts: [...source.prompts(id)] };
      },
      { params, response: details, detail: { summary: "A session and what it waits for" } },
    )
    .post(
      "/:id/answers",
      async ({ params: { id }, body, request }) => {
        await source.answer(id, body, callerOf(request));
        return { ok: true };
      },
      {
        params,
        body: answerRequest,
        response: z.object({ ok: z.boolean() }),
        detail: { summary: "Answer a permission prompt, a question or a dialog" },
      },
    );
