/** The MCP servers that requests may name: the operator's file, in the form that the CLI itself takes. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { ConfigError } from "./config.ts";
import type { LaunchDefaults } from "./sessions/index.ts";

const texts = z.record(z.string(), z.string());
const command = z.looseObject({
  type: z.literal("stdio").optional(),
  command: z.string().min(1),
  args: z.array(z.string()).optional(),
  env: texts.optional(),
});
const address = z.looseObject({
  type: z.enum(["http", "sse"]),
  url: z.url({ protocol: /^https?$/ }),
  headers: texts.optional(),
});
/** Part of the names that the model has for its tools. */
const name = z.string().regex(/^[\w-]{1,64}$/, "a name has up to 64 letters, digits, - or _");
const file = z.object({ mcpServers: z.record(name, z.union([command, address])) });

/** @throws ConfigError that says nothing of what the file holds: it may be secrets */
export function readMcpServers(path: string): NonNullable<LaunchDefaults["mcpServers"]> {
  const parsed = file.safeParse(jsonOf(path));
  if (parsed.success) return parsed.data.mcpServers as NonNullable<LaunchDefaults["mcpServers"]>;
  const [issue] = parsed.error.issues;
  throw wrong(`${path}: ${issue?.path.join(".") || "the file"}: ${issue?.message ?? "is not valid"}`);
}

function jsonOf(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw wrong(`${path} ${code === undefined ? "is not JSON" : `cannot be read (${code})`}`);
  }
}

const wrong = (what: string) =>
  new ConfigError(`LODGE_MCP_CONFIG: ${what}. It must be {"mcpServers": {NAME: {"command" …} or {"type", "url" …}}}.`);
