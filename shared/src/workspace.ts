/** A workspace: a folder under the workspaces root in which sessions run. */
import { z } from "zod";
import { limits } from "./limits.ts";
import { sessionMode } from "./session.ts";

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

/** What a new workspace may be called: one folder, that shells and other systems take as it is. */
export const workspaceName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(
    /^[\p{L}\p{N}_][\p{L}\p{N} ._-]*(?<![ .])$/u,
    "letters, digits, spaces and . _ - only, beginning with a letter or a digit and ending in none but these",
  );

/** Answer of `GET /api/workspaces/:name`: what takes a moment to find out. */
export const workspaceDetails = z.object({
  name: z.string(),
  /** Of all files in it; `truncated` when there are more than were counted. */
  size: z.object({ bytes: z.number().int(), files: z.number().int(), truncated: z.boolean() }),
  /** Null for what is no git checkout. */
  git: z
    .object({
      /** Null while no branch is checked out. */
      branch: z.string().nullable(),
      /** Files that differ from the latest commit, new ones included; `many` when there are more. */
      changed: z.number().int().min(0),
      many: z.boolean(),
      /** Commits that are only here, and only in the branch elsewhere. */
      ahead: z.number().int().min(0),
      behind: z.number().int().min(0),
    })
    .nullable(),
});
export type WorkspaceDetails = z.infer<typeof workspaceDetails>;

/** Body of `POST /api/workspaces` and of `PATCH /api/workspaces/:name`. */
export const nameWorkspaceRequest = z.object({ name: workspaceName }).strict();

/** Body of `POST /api/workspace-clones`. */
export const cloneWorkspaceRequest = z
  .object({
    name: workspaceName,
    /** `https://…`, `http://…`, `ssh://…` or `user@host:path`. */
    url: z.string().trim().min(1).max(limits.text),
  })
  .strict();
export type CloneWorkspaceRequest = z.infer<typeof cloneWorkspaceRequest>;

/** Events of `POST /api/workspace-clones`, server-sent: how far git is, and at last one of the other two. */
export const cloneEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("progress"), doing: z.string(), percent: z.number().nullable() }),
  z.object({ type: z.literal("done"), name: z.string() }),
  z.object({ type: z.literal("failed"), message: z.string() }),
]);
export type CloneEvent = z.infer<typeof cloneEvent>;

/** Body of `DELETE /api/workspaces/:name`: its name once more, as typed by a person. */
export const deleteWorkspaceRequest = z.object({ confirm: z.string().max(limits.path) }).strict();

export const gitModes = ["none", "pull --rebase"] as const;
/** What `git` is asked to do in a workspace before each run. */
export type GitMode = (typeof gitModes)[number];

/** What a program or an address of an MCP server is set to: names and values of its environment, or of headers. */
const mcpPairs = z.record(z.string().min(1).max(limits.name), z.string().max(limits.path));

const mcpCommon = {
  /** Milliseconds for one call of a tool. */
  timeout: z.number().int().min(1000).max(86_400_000).exactOptional(),
  /** Its tools are told to the model at once, and the session waits for the server at its start. */
  alwaysLoad: z.boolean().exactOptional(),
};

/** An MCP server, in the words of the CLI's own `.mcp.json`. */
export const mcpServer = z.union([
  z
    .object({
      type: z.literal("stdio").exactOptional(),
      command: z.string().min(1).max(limits.path),
      args: z.array(z.string().max(limits.path)).max(100).exactOptional(),
      env: mcpPairs.exactOptional(),
      ...mcpCommon,
    })
    .strict(),
  z
    .object({
      type: z.enum(["http", "sse"]),
      url: z.url({ protocol: /^https?$/ }).max(limits.path),
      headers: mcpPairs.exactOptional(),
      ...mcpCommon,
    })
    .strict(),
]);
export type McpServer = z.infer<typeof mcpServer>;

/** By the names under which the model sees their tools: `mcp__name__tool`. */
export const mcpServers = z
  .record(z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, "a server's name holds letters, digits, - and _ only"), mcpServer)
  .refine((servers) => Object.keys(servers).length <= limits.mcpServers, `at most ${limits.mcpServers} servers`);
export type McpServers = z.infer<typeof mcpServers>;

/** What is set for one workspace; null where the server's own setting holds. */
export const workspaceSettings = z.object({
  git: z.enum(gitModes).nullable(),
  /** For requests that name none. */
  model: z.string().min(1).max(limits.name).nullable(),
  mode: sessionMode.nullable(),
  /** Added to the system prompt of every agent that works there. */
  hint: z.string().min(1).max(20_000).nullable(),
  /** What agents that work there have beside the servers that files of theirs name. */
  mcpServers: mcpServers.nullable(),
});
export type WorkspaceSettings = z.infer<typeof workspaceSettings>;

/** Answer of `GET /api/workspace-settings`. */
export const workspaceSettingsAnswer = workspaceSettings.extend({ workspace: z.string() });
