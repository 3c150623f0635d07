/** API keys as an operator sees and sets them. */
import { z } from "zod";
import { limits } from "./limits.ts";

/**
 * What a key may be used for. `api`: the models' APIs. `files`: the workspaces' files. `jobs`: runs and jobs. `terminals`:
 * sessions as a person watches and steers them. `admin`: all of the dashboard's own API, these keys included.
 */
export const keyScope = z.enum(["api", "files", "jobs", "terminals", "admin"]);
export type KeyScope = z.infer<typeof keyScope>;

/** Bounds of what can be set for a key. */
export const keyLimits = {
  /** Keys that are neither revoked nor forgotten. */
  keys: 1000,
  /** Workspaces that one key can be limited to. */
  workspaces: 100,
  requestsPerMinute: 100_000,
  /** US dollars. */
  usdPerDay: 100_000,
} as const;

/** Paths below the workspaces root, each with all that is in it; null for the root and all. */
const workspaces = z
  .array(z.string().trim().min(1).max(limits.path))
  .min(1, "must name a workspace, or be null for all")
  .max(keyLimits.workspaces)
  .nullable();

/** What can be set for a key, and changed later; null for no limit. */
export const keySettings = z.object({
  name: z.string().trim().min(1).max(100),
  scopes: z
    .array(keyScope)
    .min(1, "must have at least one")
    .transform((scopes) => keyScope.options.filter((scope) => scopes.includes(scope))),
  workspaces,
  requestsPerMinute: z.number().int().min(1).max(keyLimits.requestsPerMinute).nullable(),
  /** US dollars in a day of UTC. */
  usdPerDay: z.number().positive().max(keyLimits.usdPerDay).nullable(),
  /** Milliseconds since the epoch, as every time here. */
  expiresAt: z.number().int().min(0).max(limits.time).nullable(),
});
export type KeySettings = z.infer<typeof keySettings>;

/** Body of `POST /api/keys`: what is not said is not limited. */
export const newKey = keySettings.partial().required({ name: true, scopes: true });
export type NewKey = z.infer<typeof newKey>;

/** Body of `PATCH /api/keys/:id`: what is not said stays. */
export const keyChange = keySettings.partial();
export type KeyChange = z.infer<typeof keyChange>;

export const keyState = z.enum(["active", "expired", "revoked"]);
export type KeyState = z.infer<typeof keyState>;

export const keySummary = keySettings.extend({
  id: z.string().max(limits.name),
  scopes: z.array(keyScope),
  /** Its first characters, by which its owner knows it again. */
  prefix: z.string().max(limits.name),
  state: keyState,
  createdAt: z.number().int(),
  /** Null while it was never used; up to a minute late otherwise. */
  lastUsedAt: z.number().int().nullable(),
  revokedAt: z.number().int().nullable(),
  /** US dollars of today, in UTC. */
  usdToday: z.number().min(0),
});
export type KeySummary = z.infer<typeof keySummary>;

/** The one reply that holds the key itself. */
export const createdKey = z.object({ key: keySummary, secret: z.string() });
export type CreatedKey = z.infer<typeof createdKey>;
