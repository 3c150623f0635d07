/** The MCP server of one session: Claude in a workspace, its files, its sessions and jobs. */
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import type { Caller } from "../../auth/caller.ts";
import type { Clock } from "../../sessions/clock.ts";
import type { FileAccess } from "../files/reachable.ts";
import type { JobServices } from "../jobs/index.ts";
import { addFileTools } from "./file-tools.ts";
import { addResources } from "./resources.ts";
import { addRunTool } from "./run-tool.ts";
import { addWorkTools } from "./work-tools.ts";

export interface McpServices extends JobServices {
  version: string;
  /** Whether the session goes on after a request, so that there is a line for what nobody asked for. */
  isKept: boolean;
  clock: Clock;
  /** Who asks; what they may can change while the session goes on. */
  caller: () => Caller;
  /** The files as far as that one may touch them. */
  files: () => FileAccess;
  /** Told of each file that is deleted, and by whom. */
  fileDeleted: (path: string, caller: Caller) => void;
  /** The name of the workspace that a folder is. */
  workspaceName: (cwd: string) => string;
  /** Told of failures that nobody expected. */
  onUnexpected: (error: unknown) => void;
}

const instructions =
  "Lodge runs Claude Code in workspaces: folders below one root. Hand over work with claude_run. Move material as files: write_file before a run, search_files and read_file after it, instead of long prompts and answers. Paths are below the workspaces root everywhere.";

export function makeServer(services: McpServices): McpServer {
  const server = new McpServer({ name: "lodge", title: "Lodge", version: services.version }, { instructions });
  addRunTool(server, services);
  addFileTools(server, services);
  addWorkTools(server, services);
  addResources(server, services);
  return server;
}
