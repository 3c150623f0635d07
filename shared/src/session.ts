/** What the dashboard knows of a session. */
import { z } from "zod";
import { limits } from "./limits.ts";

/** How a live session is spoken to: the SDK's protocol, or the interactive CLI on a PTY. */
export const driverName = z.enum(["stream", "terminal"]);
export type DriverName = z.infer<typeof driverName>;

/** `agent`: the CLI's built-in tools, working in a workspace. `model`: no built-in tools, the caller's system prompt only. */
export const sessionMode = z.enum(["agent", "model"]);
export type SessionMode = z.infer<typeof sessionMode>;

/** How the session that answers a turn was come by, cheapest first; sent as `x-lodge-session-source`. */
export const sessionSource = z.enum(["warm", "spare", "forked", "resumed", "seeded", "cold"]);
export type SessionSource = z.infer<typeof sessionSource>;

/** What a waiting session waits for. */
export const waitReason = z.enum(["tool", "permission", "question", "dialog"]);
export type WaitReason = z.infer<typeof waitReason>;

/** `hibernated` and `ended` have no process; a hibernated session can be resumed from its transcript. */
export const sessionState = z.discriminatedUnion("name", [
  z.object({ name: z.literal("starting") }),
  z.object({ name: z.literal("ready") }),
  z.object({ name: z.literal("busy"), since: z.number().int() }),
  z.object({
    name: z.literal("waiting"),
    since: z.number().int(),
    reason: waitReason,
    detail: z.string().max(limits.text),
  }),
  z.object({ name: z.literal("ending") }),
  z.object({ name: z.literal("hibernated") }),
  z.object({ name: z.literal("ended"), reason: z.string().max(limits.text) }),
]);
export type SessionState = z.infer<typeof sessionState>;

/** A word that a person files a session under. */
export const sessionTag = z
  .string()
  .trim()
  .min(1)
  .max(limits.tag)
  .regex(/^[^,]+$/, "a tag holds no comma");

/** One who looks at a session's terminal. */
export const sessionViewer = z.object({
  name: z.string().max(limits.name),
  /** Whether it is this one who types. */
  control: z.boolean(),
});
export type SessionViewer = z.infer<typeof sessionViewer>;

export const sessionSummary = z.object({
  id: z.uuid(),
  /** Path below the workspaces root; empty for the root itself. */
  workspace: z.string().max(limits.path),
  driver: driverName,
  mode: sessionMode,
  model: z.string().max(limits.name),
  state: sessionState,
  /** What a person called it, or the beginning of the first prompt. */
  title: z.string().max(limits.text),
  /** In the order in which a person gave them. */
  tags: z.array(sessionTag).max(limits.tags),
  /** The end of what was said last, by the model or, while it has said nothing yet, by the user. */
  lastWords: z.string().max(limits.text),
  /** How the latest turn came by the session; absent on one that has not had a turn. */
  source: sessionSource.optional(),
  turns: z.number().int().min(0),
  inputTokens: z.number().int().min(0),
  outputTokens: z.number().int().min(0),
  costUsd: z.number().min(0),
  /**
   * Tokens that the latest call of the model was given and gave: what the next one begins with. Absent where none is known
   * to have been. `window`: how many there may be; absent where the CLI does not say.
   */
  context: z.object({ tokens: z.number().int().min(0), window: z.number().int().min(1).optional() }).optional(),
  /** Milliseconds since the epoch, as every time here. */
  startedAt: z.number().int(),
  lastActiveAt: z.number().int(),
  /** A person has it to themselves, and turns that name it are refused or wait; absent otherwise. */
  attended: z
    .object({
      /** Who opened it, or has taken its keyboard last; null where that is not known. */
      by: z.string().max(limits.name).nullable(),
      since: z.number().int(),
    })
    .optional(),
  /** Who looks at its terminal, the first to come first; absent while nobody does. */
  viewers: z.array(sessionViewer).max(limits.viewers).optional(),
  /** Process id of the CLI; absent without a process. */
  pid: z.number().int().optional(),
});
export type SessionSummary = z.infer<typeof sessionSummary>;
