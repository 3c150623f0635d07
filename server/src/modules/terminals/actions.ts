/** What an operator does to a live session: interrupt it, end it, or open the interactive CLI for themselves. */
import { openTerminalRequest, sessionSummary, type OpenTerminalRequest, type SessionSummary } from "@lodge/shared";
import { Elysia } from "elysia";
import { z } from "zod";

export interface SessionActions {
  /** @throws SessionError `session_unknown`, `session_busy`; WorkspaceError when there is no such folder */
  open(request: OpenTerminalRequest): Promise<SessionSummary>;
  /** @throws SessionError `session_unknown` when it has no process */
  interrupt(id: string): Promise<void>;
  /** @throws SessionError `session_unknown` when it has no process */
  end(id: string): Promise<void>;
}

const params = z.object({ id: z.uuid() });
const response = z.object({ ok: z.boolean() });

export const sessionActions = (actions: SessionActions) =>
  new Elysia({ name: "session-actions", detail: { tags: ["Terminals"] } })
    .post("/api/terminals", async ({ body }) => ({ session: await actions.open(body) }), {
      body: openTerminalRequest,
      response: z.object({ session: sessionSummary }),
      detail: {
        summary: "Open the interactive CLI",
        description:
          "In a workspace, or going on with a session: a live one without a turn under way is taken over from its process. Turns that name the session get 409 until its process is ended.",
      },
    })
    .post(
      "/api/sessions/:id/interrupt",
      async ({ params: { id } }) => {
        await actions.interrupt(id);
        return { ok: true };
      },
      { params, response, detail: { summary: "Stop what a session does" } },
    )
    .post(
      "/api/sessions/:id/end",
      async ({ params: { id } }) => {
        await actions.end(id);
        return { ok: true };
      },
      {
        params,
        response,
        detail: { summary: "End a session's process", description: "The session stays, and can be resumed." },
      },
    );
