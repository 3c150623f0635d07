/** A workspace: a folder under the workspaces root in which sessions run. */
import { z } from "zod";
import { limits } from "./limits.ts";

export const workspaceSummary = z.object({
  /** Path below the workspaces root; empty for the root itself. */
  name: z.string().max(limits.path),
  /** Milliseconds since the epoch: when the folder was last changed or a session in it last active, the later of the two. */
  lastActiveAt: z.number().int(),
  /** Sessions with a process at this moment. */
  liveSessions: z.number().int().min(0),
  /** Whether the folder is the top of a git checkout. */
  git: z.boolean(),
});
export type WorkspaceSummary = z.infer<typeof workspaceSummary>;
