/** The state of the whole server at one moment: `GET /api/overview`. What its sessions do comes by the live events. */
import { z } from "zod";
import { jobSummary } from "./job.ts";
import { limits } from "./limits.ts";
import { usageSums } from "./usage.ts";

export const overview = z.object({
  /** What the CLI told of itself; null until its first process has. */
  claude: z
    .object({
      version: z.string(),
      /** How it is logged in, in its own words; null when it is not. */
      account: z.string().max(limits.text).nullable(),
      models: z.array(z.string().max(limits.name)),
    })
    .nullable(),
  /** The CLI has no account, or its account was refused: a person must log in. */
  needsLogin: z.boolean(),
  server: z.object({
    version: z.string(),
    /** Milliseconds since the epoch. */
    startedAt: z.number().int(),
    /** Bytes of the server's own memory, without those of the CLI's processes. */
    memoryBytes: z.number().int(),
  }),
  /** Processes of the CLI, how many there may be, and turns that wait for one. */
  live: z.object({
    sessions: z.number().int(),
    limit: z.number().int(),
    queued: z.number().int(),
    /** Bytes that those processes hold; null where the system does not tell. */
    memoryBytes: z.number().int().nullable(),
  }),
  jobs: z.object({
    running: z.number().int(),
    queued: z.number().int(),
    /** Of those under way the first ones, the running before the queued. */
    active: z.array(jobSummary).max(limits.activeJobs),
  }),
  /** Since the time that the query names. */
  usage: usageSums,
});
export type Overview = z.infer<typeof overview>;
