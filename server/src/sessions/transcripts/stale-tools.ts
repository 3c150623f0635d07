/**
 * The CLI keeps what its tools looked like in the transcript, and shows the model the same again when it resumes, whatever
 * a tool of that name looks like by then. What is kept of the client's tools and does not hold any more is taken out.
 */
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import type { ClientTool } from "../client-tools/client-tool.ts";
import { mcpNameOf, toModelName } from "../client-tools/names.ts";
import { transcriptPath } from "./location.ts";

export interface StaleTools {
  configDir: string;
  cwd: string;
  /** A session that no process has open. */
  sessionId: string;
  /** Those that will be offered. */
  tools: readonly ClientTool[];
}

/** The name of the record that the CLI keeps its tools in. */
const snapshot = "prompt_snapshot";

export async function dropStaleTools({ configDir, cwd, sessionId, tools }: StaleTools): Promise<void> {
  const path = transcriptPath(configDir, cwd, sessionId);
  const text = await readFile(path, "utf8");
  const changed = withoutStaleTools(text, tools);
  if (changed === text) return;
  // Renamed into place: the CLI sees the whole file or none.
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, changed, { mode: 0o600 });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** The text of a transcript; all that is not about stale tools stays as it is, to the letter. */
export function withoutStaleTools(text: string, tools: readonly ClientTool[]): string {
  if (!text.includes(snapshot)) return text;
  const current = new Map(tools.map((tool) => [toModelName(tool.name), tool]));
  return text
    .split("\n")
    .map((line) => (line.includes(snapshot) ? withoutStale(line, current) : line))
    .join("\n");
}

interface KeptTool {
  name?: unknown;
  description?: unknown;
  schema?: { input_schema?: unknown };
}

function withoutStale(line: string, current: ReadonlyMap<string, ClientTool>): string {
  let record: { attachment?: { type?: unknown; tools?: unknown } };
  try {
    record = JSON.parse(line) as typeof record;
  } catch {
    return line;
  }
  const { attachment } = record;
  if (attachment?.type !== snapshot || !Array.isArray(attachment.tools)) return line;
  const kept = (attachment.tools as KeptTool[]).filter((tool) => !isStale(tool, current));
  if (kept.length === attachment.tools.length) return line;
  return JSON.stringify({ ...record, attachment: { ...attachment, tools: kept } });
}

function isStale({ name, description, schema }: KeptTool, current: ReadonlyMap<string, ClientTool>): boolean {
  if (typeof name !== "string" || mcpNameOf(name) === null) return false;
  const tool = current.get(name);
  if (!tool) return true;
  return (tool.description ?? "") !== (description ?? "") || !isDeepStrictEqual(schema?.input_schema, tool.inputSchema);
}
