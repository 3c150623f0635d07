/** The server as a person starts it: a process of its own, with an environment of its own. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { groupOf, treeOf } from "./processes.ts";
import { requireNoSurprise, surprisesIn } from "./surprises.ts";

const root = join(import.meta.dir, "../..");

export interface Run {
  code: number;
  out: string;
  err: string;
}

/**
 * Nothing of this machine's own environment but the way to its programs. Its certificates would be read by each process
 * of the CLI, whose model speaks no TLS.
 */
const environment = (settings: Record<string, string>): Record<string, string> => ({
  PATH: process.env["PATH"] ?? "",
  CLAUDE_CODE_CERT_STORE: "bundled",
  ...settings,
});

function spawn(args: string[], settings: Record<string, string>) {
  return Bun.spawn([process.execPath, "server/src/main.ts", ...args], {
    cwd: root,
    env: environment(settings),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
}

/** Runs it to its end. */
export async function runLodge(args: string[], settings: Record<string, string> = {}): Promise<Run> {
  const child = spawn(args, settings);
  const [code, out, err] = await Promise.all([
    child.exited,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code, out, err };
}

/** A folder that is gone at the end. */
export async function temporaryFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), "lodge-test-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

export interface LodgeProcess extends AsyncDisposable {
  readonly pid: number;
  readonly url: string;
  readonly token: string;
  /** The first line that it wrote. */
  readonly readyLine: string;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  kill(signal: NodeJS.Signals): void;
  /** What became of it, when it has ended. */
  readonly ended: Promise<Run>;
}

/** Starts `demo` and waits for the ready line. Any free port, unless told otherwise. */
export async function spawnLodge(settings: Record<string, string>): Promise<LodgeProcess> {
  // A process that waits for nobody costs each test a second of the machine.
  const child = spawn(["demo"], { LODGE_PORT: "0", LODGE_SPARES: "0", ...settings });
  const ready = Promise.withResolvers<string>();
  const errors = new Response(child.stderr).text();
  const output = readOutput();
  const ended = Promise.all([child.exited, output, errors]).then(([code, out, err]) => ({ code, out, err }));
  void ended.then(({ code, err }) => ready.reject(new Error(`it ended with ${code}: ${err}`)));
  const readyLine = await ready.promise;
  const [, url = "", token = ""] = /^Lodge is ready: (\S+)\/#token=(\S+)$/.exec(readyLine) ?? [];

  async function readOutput(): Promise<string> {
    let text = "";
    const decoder = new TextDecoder();
    for await (const bytes of child.stdout) {
      text += decoder.decode(bytes, { stream: true });
      const end = text.indexOf("\n");
      if (end >= 0) ready.resolve(text.slice(0, end));
    }
    return text;
  }

  const lodge: LodgeProcess = {
    pid: child.pid,
    url,
    token,
    readyLine,
    ended,
    kill: (signal) => child.kill(signal),
    fetch: (path, init = {}) => {
      const headers = new Headers(init.headers);
      headers.set("authorization", `Bearer ${token}`);
      return fetch(url + path, { ...init, headers });
    },
    post: (path, body, headers = {}) =>
      lodge.fetch(path, {
        method: "POST",
        body: JSON.stringify(body),
        headers: { "content-type": "application/json", ...headers },
      }),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        const tree = treeOf(child.pid);
        child.kill("SIGTERM");
        await ended;
        // A test that fails must not leave anything on the machine either.
        for (const pid of tree.flatMap(groupOf)) process.kill(pid, "SIGKILL");
      }
      requireNoSurprise(surprisesIn((await ended).err));
    },
  };
  return lodge;
}
