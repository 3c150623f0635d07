/** The dashboard's own API under `/api`: what the browser reads, and the live events that keep it current. */
import {
  type DashboardEvent,
  loginRequest,
  type ServerInfo,
  serverInfo,
  workspaceSummary,
  type WorkspaceSummary,
} from "@lodge/shared";
import { Elysia } from "elysia";
import { z } from "zod";
import { sessionCookie, sessionCookieSeconds } from "../../auth/auth.ts";
import { eventStream } from "../../http/event-stream.ts";

/** Where the dashboard's figures come from. */
export interface DashboardSources {
  /**
   * The cookie's value for whoever knows the token.
   *
   * @throws AccessError
   */
  login(token: string, request: Request): string;
  loggedOut(request: Request): void;
  serverInfo(): ServerInfo;
  listWorkspaces(): Promise<WorkspaceSummary[]>;
  /** A snapshot, then every change after it, until the signal aborts. */
  events(signal: AbortSignal): AsyncIterable<DashboardEvent>;
}

export const dashboard = (sources: DashboardSources) =>
  new Elysia({ name: "dashboard", prefix: "/api", detail: { tags: ["Dashboard"] } })
    .post(
      "/login",
      ({ body, request, set }) => {
        set.headers["set-cookie"] = cookie(sources.login(body.token, request), sessionCookieSeconds);
        return { ok: true };
      },
      {
        body: loginRequest,
        response: z.object({ ok: z.boolean() }),
        detail: {
          summary: "Trade the token, or an API key with the scope `admin`, for the dashboard's cookie",
          security: [],
        },
      },
    )
    .post(
      "/logout",
      ({ request, set }) => {
        sources.loggedOut(request);
        set.headers["set-cookie"] = cookie("", 0);
        return { ok: true };
      },
      { response: z.object({ ok: z.boolean() }), detail: { summary: "Drop the cookie" } },
    )
    .get("/server", () => sources.serverInfo(), {
      response: serverInfo,
      detail: { summary: "What the frame around every page shows" },
    })
    .get("/workspaces", async () => ({ workspaces: await sources.listWorkspaces() }), {
      response: z.object({ workspaces: z.array(workspaceSummary) }),
      detail: { summary: "Workspaces by name" },
    })
    .get("/events", ({ request }) => eventStream(request, frames(sources.events(request.signal))), {
      detail: { summary: "Live events of the sessions: a snapshot, then every change, server-sent" },
    });

/** Strict: no other site's link or form ever carries it. Not `Secure`, since Lodge itself speaks plain HTTP on loopback. */
function cookie(value: string, maxAgeSeconds: number): string {
  return `${sessionCookie}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeSeconds}`;
}

async function* frames(events: AsyncIterable<DashboardEvent>): AsyncGenerator<string> {
  for await (const event of events) yield `id: ${event.sequence}\ndata: ${JSON.stringify(event)}\n\n`;
}
