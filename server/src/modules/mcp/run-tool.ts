/** `claude_run`: one prompt in a workspace, its words as progress while they come, its result at the end. */
import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { z } from "zod";
import { JobError } from "../../jobs/errors.ts";
import { follow } from "../../jobs/follow.ts";
import type { JobRecord } from "../../store/job-store.ts";
import { admitted } from "../jobs/access.ts";
import { commonSpec } from "../jobs/fields.ts";
import { attemptWith, reply } from "./replies.ts";
import type { McpServices } from "./server.ts";

/** Characters of one progress notification. */
const maxProgress = 4000;

const input = {
  prompt: z.string().min(1).describe("What to do. Name files by their paths instead of pasting them in."),
  model: z.string().min(1).max(256).default("haiku").describe("haiku, sonnet, opus, or a full name"),
  system_prompt: z.string().optional().describe("Replaces the CLI's own system prompt"),
  append_system_prompt: z.string().optional().describe("Comes after the CLI's own system prompt"),
  json_schema: z
    .union([z.string(), z.record(z.string(), z.unknown())])
    .optional()
    .describe("A JSON Schema, as an object or as JSON, that the answer must fit"),
  workspace: z.string().max(4096).default("").describe("Folder below the workspaces root to work in"),
  no_continue: z.boolean().default(true).describe("False goes on with the workspace's latest conversation"),
  resume: z.string().min(1).max(256).optional().describe("Id of a session to go on with"),
  effort: z.enum(["low", "medium", "high", "xhigh", "max"]).optional(),
};

const output = {
  text: z.string().describe("The answer"),
  run_id: z.string().describe("For get_job"),
  session_id: z.string().optional().describe("For resume"),
  workspace: z.string(),
  cost_usd: z.number().optional(),
  structured_output: z.unknown().optional().describe("The answer as data, where json_schema was given"),
};

export function addRunTool(server: McpServer, services: McpServices): void {
  const { jobs, events, sessions } = services;
  const attempt = attemptWith(services, "jobs");
  server.registerTool(
    "claude_run",
    {
      title: "Run Claude in a workspace",
      description:
        "Hands a task to Claude Code, which works in a workspace with tools of its own: it reads and writes files, runs commands and answers in words. Use it for work on files, and for a second opinion. Put long material into files with write_file first and name their paths in the prompt, instead of sending it in the prompt; ask for results as files, and read them with read_file. Each call is a new conversation unless no_continue is false or resume names a session. One run at a time in one workspace: give runs that are to go on side by side workspaces of their own.",
      inputSchema: input,
      outputSchema: output,
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
    },
    (args, { signal, _meta, sendNotification }) =>
      attempt(async () => {
        const caller = services.caller();
        const { record, finished } = await jobs.run({
          owner: caller.owner,
          spec: await admitted(caller, services, {
            prompt: args.prompt,
            ...commonSpec(
              {
                workspace: args.workspace,
                model: args.model,
                systemPrompt: args.system_prompt,
                appendSystemPrompt: args.append_system_prompt,
                jsonSchema: args.json_schema,
                effort: args.effort,
              },
              sessions.processInfo?.models ?? [],
            ),
            conversation:
              args.resume === undefined
                ? { type: args.no_continue ? "new" : "latest" }
                : { type: "session", id: args.resume },
            verbose: false,
          }),
        });
        const cancel = () =>
          void jobs.cancel(record.id, new JobError("cancelled", "the client cancelled it")).catch(() => {});
        if (signal.aborted) cancel();
        signal.addEventListener("abort", cancel, { once: true });
        try {
          const token = _meta?.progressToken;
          const telling = token === undefined ? undefined : tell(record, token);
          const outcome = await finished;
          await telling;
          if (outcome && outcome.type !== "completed") throw outcome.thrown;
        } finally {
          signal.removeEventListener("abort", cancel);
        }
        return resultOf(jobs.get(record.id) ?? record);

        async function tell({ id, seq }: JobRecord, progressToken: string | number): Promise<void> {
          const log = {
            change: () => jobs.change(id, signal),
            isOver: () => jobs.isOver(id),
            after: (last: number, limit: number) => events.after(seq, last, limit),
          };
          let progress = 0;
          for await (const { type, data } of follow(log, 0)) {
            const message = progressOf(type, JSON.parse(data) as Record<string, unknown>);
            if (message === null) continue;
            const params = { progressToken, progress: ++progress, message: message.slice(0, maxProgress) };
            // A client that is gone misses its progress; the run's own end is another matter.
            await sendNotification({ method: "notifications/progress", params }).catch(() => {});
          }
        }
      }),
  );
}

/** In a few words, what the run does; null for what says nothing to a person. */
function progressOf(type: string, data: Record<string, unknown>): string | null {
  switch (type) {
    case "output":
      return String(data["text"]);
    case "tool_use":
      return `[${String(data["name"])}]`;
    default:
      return null;
  }
}

function resultOf(record: JobRecord) {
  const result = JSON.parse(record.result ?? "{}") as { result?: unknown; structuredOutput?: unknown };
  const { structuredOutput } = result;
  const text = structuredOutput === undefined ? record.output : JSON.stringify(structuredOutput, null, 2);
  return reply(
    {
      text,
      run_id: record.id,
      workspace: record.workspace,
      ...(record.sessionId === null ? {} : { session_id: record.sessionId }),
      ...(record.costUsd === null ? {} : { cost_usd: record.costUsd }),
      ...(structuredOutput === undefined ? {} : { structured_output: structuredOutput }),
    },
    text,
  );
}
