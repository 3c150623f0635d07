/** A child in a process group of its own, so that it can be ended with everything that it started. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";

export interface GroupOptions {
  command: string;
  args: string[];
  cwd: string | undefined;
  env: Record<string, string | undefined>;
}

export function spawnGroup({ command, args, cwd, env }: GroupOptions): ChildProcessWithoutNullStreams {
  const child = spawn(command, args, { ...(cwd === undefined ? {} : { cwd }), env, stdio: "pipe", detached: true });
  // The leader is gone: whatever it left behind in its group has no owner any more.
  child.once("exit", () => {
    if (child.pid !== undefined) signalGroup(child.pid, "SIGKILL");
  });
  return child;
}

/** Returns false when there is no such group. */
export function signalGroup(leader: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(-leader, signal);
  } catch (error) {
    // ESRCH: it is gone, which is what was wanted. EPERM: not ours any more.
    if (error instanceof Error && "code" in error && (error.code === "ESRCH" || error.code === "EPERM")) return false;
    throw error;
  }
}
