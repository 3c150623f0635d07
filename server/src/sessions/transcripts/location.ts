/** Where the CLI keeps its transcripts: `<config folder>/projects/<cwd, flattened>/<session id>.jsonl`. */
import { existsSync } from "node:fs";
import { join } from "node:path";

/** Longer names are cut and told apart by a hash, as the CLI does since some file systems allow no more than 255 bytes. */
const maxNameLength = 200;

export function transcriptPath(configDir: string, cwd: string, sessionId: string): string {
  return join(configDir, "projects", projectName(cwd), `${sessionId}.jsonl`);
}

/** What the CLI keeps of a session beside its transcript: those of its subagents, long results of tools. */
export function sessionFolder(configDir: string, cwd: string, sessionId: string): string {
  return join(configDir, "projects", projectName(cwd), sessionId);
}

/** That of a subagent, which has a file of its own. */
export function agentTranscriptPath(configDir: string, cwd: string, sessionId: string, agent: string): string {
  return join(sessionFolder(configDir, cwd, sessionId), "subagents", `agent-${agent}.jsonl`);
}

export function transcriptExists(configDir: string, cwd: string, sessionId: string): boolean {
  return existsSync(transcriptPath(configDir, cwd, sessionId));
}

/** The folder's name as the CLI makes it from a working directory (with its symbolic links resolved). */
export function projectName(cwd: string): string {
  const flat = cwd.replaceAll(/[^a-zA-Z0-9]/g, "-");
  if (flat.length <= maxNameLength) return flat;
  let hash = 0;
  for (let index = 0; index < cwd.length; index++) hash = ((hash << 5) - hash + cwd.charCodeAt(index)) | 0;
  return `${flat.slice(0, maxNameLength)}-${Math.abs(hash).toString(36)}`;
}
