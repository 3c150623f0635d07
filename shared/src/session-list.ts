/** Past sessions by the page, what a person changes of one, and the search through what was said in them. */
import { z } from "zod";
import { limits } from "./limits.ts";
import { driverName, sessionMode, sessionSource, sessionSummary, sessionTag } from "./session.ts";

/** What narrows a list of sessions down; each that is given must hold. */
export const sessionFilter = z.object({
  /** Words, each of which is somewhere in title, last words, workspace, mode, driver, model or tags, or begins the id. */
  q: z.string().max(limits.text).optional(),
  workspace: z.string().max(limits.path).optional(),
  driver: driverName.optional(),
  mode: sessionMode.optional(),
  model: z.string().max(limits.name).optional(),
  source: sessionSource.optional(),
  tag: sessionTag.optional(),
});
export type SessionFilter = z.infer<typeof sessionFilter>;

/** Query of `GET /api/sessions`. */
export const sessionListQuery = sessionFilter.extend({
  /** Where an earlier page ended: the milliseconds and the id of its last session. */
  cursor: z
    .string()
    .regex(/^\d{1,15}-[0-9a-f-]{36}$/, "a cursor is what an earlier page gave as `next`")
    .optional(),
  limit: z.coerce.number().int().min(1).max(limits.sessions).default(limits.sessions),
});
export type SessionListQuery = z.infer<typeof sessionListQuery>;

/** Answer of `GET /api/sessions`. */
export const sessionListPage = z.object({
  /** The most recently active first. */
  sessions: z.array(sessionSummary).max(limits.sessions),
  /** Cursor of the next page; null when there is none. */
  next: z.string().nullable(),
  /** Of all that the filter lets through behind the cursor, on this page and the ones after it. */
  total: z.object({ sessions: z.number().int().min(0), costUsd: z.number().min(0) }),
});
export type SessionListPage = z.infer<typeof sessionListPage>;

/** Answer of `GET /api/session-choices`: what all sessions have that a list can be filtered by, by name. */
export const sessionChoices = z.object({
  workspace: z.array(z.string()).max(limits.choices),
  model: z.array(z.string()).max(limits.choices),
  tag: z.array(z.string()).max(limits.choices),
});
export type SessionChoices = z.infer<typeof sessionChoices>;

/** Body of `PATCH /api/sessions/:id`; what is absent stays as it is. */
export const changeSessionRequest = z
  .object({
    /** An empty one goes back to the beginning of the first prompt. */
    title: z.string().trim().max(200),
    tags: z.array(sessionTag).max(limits.tags),
  })
  .partial()
  .strict();
export type ChangeSessionRequest = z.infer<typeof changeSessionRequest>;

/** Body of `POST /api/sessions/:id/fork`. */
export const forkSessionRequest = z
  .object({
    /** The entry of the transcript that the fork ends with; its latest answer when absent. */
    entry: z.string().min(1).max(limits.name),
  })
  .partial()
  .strict();
export type ForkSessionRequest = z.infer<typeof forkSessionRequest>;

/** Query of `GET /api/session-search`. */
export const sessionSearchQuery = z.object({ q: z.string().trim().min(2).max(limits.name) });

/** Events of `GET /api/session-search`, server-sent: what was found, as it is found, and at last how far it went. */
export const sessionSearchEvent = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("hit"),
    session: sessionSummary,
    /** The entry of the transcript. */
    entry: z.string(),
    /** Who said it. */
    kind: z.enum(["user", "text", "thinking", "tool_call", "tool_result", "notice"]),
    at: z.number().int(),
    /** The place and some words around it. */
    before: z.string(),
    match: z.string(),
    after: z.string(),
  }),
  z.object({
    type: z.literal("end"),
    /** Transcripts that were looked through. */
    searched: z.number().int(),
    /** Whether it ended at a bound: of time, or of hits. */
    cut: z.boolean(),
  }),
]);
export type SessionSearchEvent = z.infer<typeof sessionSearchEvent>;
export type SessionSearchHit = Extract<SessionSearchEvent, { type: "hit" }>;
