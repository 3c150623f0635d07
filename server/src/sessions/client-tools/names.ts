/**
 * What a client's tool is called on its way to the model and back. The CLI knows the tools of an MCP server as
 * `mcp__<server>__<tool>`, in letters, digits, `_` and `-`, and leaves out what is longer than 128 characters; clients
 * know no such bounds.
 */
import { createHash } from "node:crypto";

/** What the CLI calls the MCP server that stands for the client. */
export const serverName = "client";

const prefix = `mcp__${serverName}__`;
const maxLength = 128 - prefix.length;
const legal = /^[\w-]+$/;
/** Characters of the hash that keeps apart what looks alike once it is made legal. */
const hashLength = 10;

/** The name within the server. The same for the same name always, so that a history can be written without its tools. */
export function toMcpName(name: string): string {
  if (name.length <= maxLength && legal.test(name)) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, hashLength);
  const readable = name.replace(/[^\w-]+/g, "_").slice(0, maxLength - hashLength - 1);
  return `${readable}_${hash}`;
}

/** The name by which the model knows the tool. */
export const toModelName = (name: string): string => prefix + toMcpName(name);

/** The name within the server of what the model called; null for a tool that is none of the client's. */
export function mcpNameOf(modelName: string): string | null {
  return modelName.startsWith(prefix) ? modelName.slice(prefix.length) : null;
}
