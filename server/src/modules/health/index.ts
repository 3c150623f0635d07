/** Is it up, is it busy, with what. The first two need no token, so that a load balancer can ask. */
import { Elysia } from "elysia";
import { z } from "zod";
import type { Caller } from "../../auth/caller.ts";
import { callerOf } from "../../http/request-context.ts";

export interface HealthSource {
  busy(): boolean;
  /** As far as somebody may see it. */
  status(caller: Caller): Promise<Status>;
}

const status = z.object({
  /** Workspaces with a turn under way, as paths below the root. */
  busy_workspaces: z.array(z.string()),
  live_sessions: z.array(
    z.object({
      id: z.string(),
      workspace: z.string(),
      driver: z.string(),
      mode: z.string(),
      model: z.string(),
      state: z.string(),
    }),
  ),
  live_limit: z.number(),
  /** Turns that wait for a process. */
  queued: z.number(),
  /** The CLI has no account, or its account was refused: a person must log in. */
  needs_login: z.boolean(),
  versions: z.object({ lodge: z.string(), claude: z.string().nullable(), bun: z.string() }),
});
export type Status = z.infer<typeof status>;

export const health = (source: HealthSource) =>
  new Elysia({ name: "health", detail: { tags: ["Health"] } })
    .get("/health", () => ({ status: "ok", busy: source.busy() }), {
      response: z.object({ status: z.string(), busy: z.boolean() }),
      detail: { summary: "Whether the server is up and busy", security: [] },
    })
    .get("/healthz", () => new Response("ok", { headers: { "content-type": "text/plain" } }), {
      detail: { summary: "Whether the server is up", security: [] },
    })
    .get("/status", ({ request }) => source.status(callerOf(request)), {
      response: status,
      detail: { summary: "What the server is doing" },
    });
