/** MCP servers as a person writes them: the JSON that `.mcp.json` holds, or any server's instructions tell one to paste. */
import { mcpServers, type McpServers } from "@lodge/shared";

export type ReadServers =
  /** `servers`: null where there are none. */
  { servers: McpServers | null; problem: null } | { servers: null; problem: string };

export function readServers(text: string): ReadServers {
  if (text.trim() === "") return { servers: null, problem: null };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { servers: null, problem: `That is not JSON: ${(error as Error).message}` };
  }
  const read = mcpServers.safeParse(unwrapped(value));
  if (read.success) return { servers: Object.keys(read.data).length === 0 ? null : read.data, problem: null };
  const [issue] = read.error.issues;
  return { servers: null, problem: issue === undefined ? "That is no list of servers." : wordsOf(issue) };
}

export const writeServers = (servers: McpServers | null): string =>
  servers === null ? "" : JSON.stringify(servers, null, 2);

/** Each with how it is reached: a program, or an address. */
export const serverWords = (servers: McpServers): string =>
  Object.entries(servers)
    .map(([name, server]) => ("command" in server ? `${name} (${server.command})` : `${name} (${server.url})`))
    .join(", ");

function unwrapped(value: unknown): unknown {
  const isWrapped = typeof value === "object" && value !== null && "mcpServers" in value;
  return isWrapped && Object.keys(value).length === 1 ? value.mcpServers : value;
}

type Issue = NonNullable<ReturnType<typeof mcpServers.safeParse>["error"]>["issues"][number];

function wordsOf(issue: Issue): string {
  const where = issue.path.join(".");
  // A server that is neither of the two kinds fails at both, which says nothing to anybody.
  if (issue.code === "invalid_union") {
    return `${where}: give "command" for a program, or "type" ("http" or "sse") and "url" for an address.`;
  }
  const message = issue.code === "invalid_key" ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  return where === "" ? message : `${where}: ${message}`;
}
