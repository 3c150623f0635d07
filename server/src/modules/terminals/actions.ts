/** What an operator does to a live session: interrupt it, end or restart it, or open the interactive CLI for themselves. */
import { openTerminalRequest, sessionSummary, type OpenTerminalRequest, type SessionSummary } from "@lodge/shared";
import { Elysia } from "elysia";
import { z } from "zod";
import type { Caller } from "../../auth/caller.ts";
import { callerOf } from "../../http/request-context.ts";

export interface SessionActions {
  /** @throws SessionError `session_unknown`, `session_busy`; WorkspaceError when there is no such folder */
  open(request: OpenTerminalRequest, caller: Caller): Promise<SessionSummary>;
  /** @throws SessionError `session_unknown` when it has no process */
  interrupt(id: string, caller: Caller): Promise<void>;
  /**
   * @param sparesText whether it is left alone while its prompt holds words that were not sent
   * @throws SessionError `session_unknown` when it has no process; `unsent_text`
   */
  end(id: string, sparesText: boolean, caller: Caller): Promise<void>;
  /** @throws SessionError `session_unknown` when it has no process */
  restart(id: string, caller: Caller): Promise<SessionSummary>;
}

const params = z.object({ id: z.uuid() });
const response = z.object({ ok: z.boolean() });

export const sessionActions = (actions: SessionActions) =>
  new Elysia({ name: "session-actions", detail: { tags: ["Terminals"] } })
    .post("/api/terminals", async ({ body, request }) => ({ session: await actions.open(body, callerOf(request)) }), {
      body: openTerminalRequest,
      response: z.object({ session: sessionSummary }),
      detail: {
        summary: "Open the interactive CLI",
        description:
          "In a workspace, or going on with a session: a live one without a turn under way is taken over from its process. Turns that name the session get 409, or wait where `LODGE_ATTENDED` says so, until its process is ended or nobody has looked at it for long.",
      },
    })
    .post(
      "/api/sessions/:id/interrupt",
      async ({ params: { id }, request }) => {
        await actions.interrupt(id, callerOf(request));
        return { ok: true };
      },
      { params, response, detail: { summary: "Stop what a session does" } },
    )
    .post(
      "/api/sessions/:id/end",
      async ({ params: { id }, query, request }) => {
        await actions.end(id, query.unsent === "keep", callerOf(request));
        return { ok: true };
      },
      {
        params,
        query: z.object({ unsent: z.enum(["keep", "drop"]).optional() }),
        response,
        detail: {
          summary: "End a session's process",
          description:
            "The session stays, and can be resumed. With `unsent=keep` it is refused with 409 while the prompt of the interactive CLI holds words that were not sent.",
        },
      },
    )
    .post(
      "/api/sessions/:id/restart",
      async ({ params: { id }, request }) => ({ session: await actions.restart(id, callerOf(request)) }),
      {
        params,
        response: z.object({ session: sessionSummary }),
        detail: {
          summary: "Restart a session's process",
          description: "Ends it, and a turn under way, and goes on with the session in a new one of the same kind.",
        },
      },
    );
