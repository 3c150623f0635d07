/** Sessions and jobs as tools: what is going on, what became of it, and an end to it. */
import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { z } from "zod";
import { unknown } from "../../jobs/jobs.ts";
import type { SessionSnapshot } from "../../sessions/index.ts";
import { requireOwnJob } from "../jobs/access.ts";
import { toJob } from "../jobs/model.ts";
import { attemptWith, reply } from "./replies.ts";
import type { McpServices } from "./server.ts";

const id = z.string().min(1).max(100);
const job = z.looseObject({ job_id: z.string(), status: z.string(), workspace: z.string(), output: z.string() });

export function addWorkTools(server: McpServer, services: McpServices): void {
  const { caller, jobs, deliveries, sessions, workspaceName } = services;
  const attempt = attemptWith(services, "jobs");
  const find = (jobId: string) => {
    const record = jobs.get(jobId);
    if (!record) throw unknown(jobId);
    requireOwnJob(caller(), record);
    return toJob(record, deliveries.ofJob(record.seq));
  };
  /** The latest of the caller's own. */
  const ownSessions = (limit: number) => {
    const { owner, reach } = caller();
    const isOwn = (session: SessionSnapshot) => reach.includes(workspaceName(session.cwd));
    return sessions.list(limit, owner ?? undefined).filter(isOwn);
  };

  server.registerTool(
    "list_sessions",
    {
      title: "List sessions",
      description:
        "Lists conversations, live ones first: what each is about, where it works, and its id, with which claude_run can go on (resume).",
      inputSchema: { limit: z.number().int().min(1).max(200).default(20) },
      outputSchema: {
        sessions: z.array(
          z.object({
            id: z.string(),
            workspace: z.string(),
            title: z.string(),
            last_words: z.string(),
            state: z.string(),
            model: z.string(),
            turns: z.number(),
            last_active_at: z.string(),
          }),
        ),
      },
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    ({ limit }) =>
      attempt(async () => {
        const found = ownSessions(limit).map((session) => ({
          id: session.id,
          workspace: workspaceName(session.cwd),
          title: session.title,
          last_words: session.lastWords,
          state: session.state.name,
          model: session.model,
          turns: session.turns,
          last_active_at: new Date(session.lastActiveAt).toISOString(),
        }));
        return reply({ sessions: found });
      }),
  );

  server.registerTool(
    "get_job",
    {
      title: "Look at a job or run",
      description: "Tells how far a job or a run has come and what it said. claude_run names the run's id.",
      inputSchema: { job_id: id },
      outputSchema: job,
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    ({ job_id: jobId }) => attempt(async () => reply(find(jobId))),
  );

  server.registerTool(
    "cancel_job",
    {
      title: "Cancel a job or run",
      description: "Ends a job or a run that waits or is under way, with every process that it started.",
      inputSchema: { job_id: id },
      outputSchema: job,
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
    },
    ({ job_id: jobId }) =>
      attempt(async () => {
        find(jobId);
        await jobs.cancel(jobId);
        services.cancelled(jobId, caller());
        return reply(find(jobId));
      }),
  );
}
