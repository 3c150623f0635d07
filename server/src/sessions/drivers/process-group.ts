/**
 * A child in a process group of its own, so that it can be ended with what it started. The CLI puts each tool into a
 * group of its own, though; what a dying process leaves behind there is found by a variable in its environment.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

export interface GroupOptions {
  command: string;
  args: string[];
  cwd: string | undefined;
  env: Record<string, string | undefined>;
}

/** Holds the id of the session that a process works for; inherited by everything that it starts. */
const sessionVariable = "LODGE_SESSION";

/** The environment for a session's process. */
export function ownedBy(sessionId: string, env: Record<string, string>): Record<string, string> {
  return { ...env, [sessionVariable]: sessionId };
}

export function spawnGroup({ command, args, cwd, env }: GroupOptions): ChildProcessWithoutNullStreams {
  const child = spawn(command, args, { ...(cwd === undefined ? {} : { cwd }), env, stdio: "pipe", detached: true });
  child.once("exit", (code) => {
    if (child.pid !== undefined) endLeftovers(child.pid, env[sessionVariable], code === 0);
  });
  return child;
}

/**
 * The leader is gone: whatever it left behind has no owner any more.
 *
 * @param clean whether it ended by itself, and so has ended its tools itself
 */
export function endLeftovers(leader: number, sessionId: string | undefined, clean: boolean): void {
  signalGroup(leader, "SIGKILL");
  if (!clean && sessionId !== undefined) for (const pid of processesOf(sessionId)) signal(pid, "SIGKILL");
}

/** Returns false when there is no such group. */
export function signalGroup(leader: number, name: NodeJS.Signals): boolean {
  return signal(-leader, name);
}

function signal(target: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(target, name);
  } catch (error) {
    // ESRCH: it is gone, which is what was wanted. EPERM: not ours any more.
    if (error instanceof Error && "code" in error && (error.code === "ESRCH" || error.code === "EPERM")) return false;
    throw error;
  }
}

/** Processes of this user that were started for a session, by whomever. Only Linux tells; elsewhere none. */
function processesOf(sessionId: string): number[] {
  if (process.platform !== "linux") return [];
  const wanted = `${sessionVariable}=${sessionId}`;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => environmentOf(name).split("\0").includes(wanted))
    .map(Number)
    .filter((pid) => pid !== process.pid);
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8");
  } catch {
    // Gone meanwhile, or somebody else's.
    return "";
  }
}
