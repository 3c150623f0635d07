/** What the dashboard asks of the server beside the sessions and workspaces themselves. */
import { z } from "zod";
import { limits } from "./limits.ts";
import { sessionSummary } from "./session.ts";

/** With any value: a call of the public API by the dashboard itself, for which its cookie counts. */
export const dashboardHeader = "x-lodge-dashboard";

/** Body of `POST /api/login`. */
export const loginRequest = z.object({ token: z.string().min(1).max(limits.token) });
export type LoginRequest = z.infer<typeof loginRequest>;

/** What `GET /api/server` tells: enough for the frame around every page. */
export const serverInfo = z.object({
  version: z.string(),
  /** Answers come from the scripted demo model, and a banner says so. */
  demo: z.boolean(),
  claude: z.object({ version: z.string().nullable() }),
  live: z.object({ sessions: z.number().int(), limit: z.number().int(), queued: z.number().int() }),
  /** Milliseconds since the epoch. */
  startedAt: z.number().int(),
});
export type ServerInfo = z.infer<typeof serverInfo>;

/**
 * Events of `GET /api/events`, server-sent. The first is always a snapshot; every later one has the next sequence
 * number, so that a reader who misses one knows it and asks again.
 */
export const dashboardEvent = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("snapshot"),
    sequence: z.number().int(),
    sessions: z.array(sessionSummary).max(limits.sessions),
  }),
  z.object({ type: z.literal("session"), sequence: z.number().int(), session: sessionSummary }),
  z.object({ type: z.literal("session_removed"), sequence: z.number().int(), id: z.uuid() }),
  /** A run or a job was taken, begun or ended: which, the lists of them tell. */
  z.object({ type: z.literal("jobs"), sequence: z.number().int() }),
]);
export type DashboardEvent = z.infer<typeof dashboardEvent>;

/** RFC 9457 problem details: the error body of everything under `/api`. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  /** Which field is wrong, when one is. */
  field: z.string().optional(),
});
export type Problem = z.infer<typeof problem>;
