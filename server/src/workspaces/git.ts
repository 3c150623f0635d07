/**
 * `git` in a workspace, without anybody at a keyboard: it never asks, it has a time, and when that is over it ends with
 * everything that it started.
 */
import { spawn } from "node:child_process";
import { dirname } from "node:path";

/** Characters kept of what it says; the end of it, where the reason is. */
const outputCapacity = 8000;

/** Bytes of an answer that is read, unless said otherwise. */
const answerBytes = 4 * 1024 * 1024;

/** The message is git's own words, without the secrets that an address may hold. */
export class GitError extends Error {
  override readonly name = "GitError";
}

export interface GitOptions {
  /** The folder to work in. */
  cwd: string;
  /** A repository is looked for no further up than this. */
  root: string;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  /** Further variables of its environment. */
  env?: Readonly<Record<string, string>>;
  /** Bytes of the answer; when it has more, git is ended. */
  maxBytes?: number;
  /** Told what it says beside its answer, as it says it: how far it is. */
  onWords?: (words: string) => void;
}

export interface GitAnswer {
  output: Buffer;
  /** There was more. */
  truncated: boolean;
}

/** @throws GitError with git's own words; with the signal's reason when it aborts */
export async function pullRebase(options: GitOptions): Promise<void> {
  await git(["pull", "--rebase"], options);
}

/** @throws as `pullRebase` does */
export async function git(args: readonly string[], options: GitOptions): Promise<GitAnswer> {
  const { cwd, root, timeoutMs, signal, env = {}, maxBytes = answerBytes, onWords } = options;
  signal?.throwIfAborted();
  // In a group of its own: git leaves the talking to others, ssh among them.
  const child = spawn("git", args, {
    cwd,
    env: { ...gitEnvironment(process.env, root), ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let words = "";
  const listen = (text: string) => {
    words = (words + text).slice(-outputCapacity);
  };
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    listen(text);
    onWords?.(text);
  });
  const pieces: Buffer[] = [];
  let bytes = 0;
  let truncated = false;
  child.stdout.on("data", (piece: Buffer) => {
    // What it answers is part of its words when it fails: a conflict is told of there.
    listen(piece.toString("utf8"));
    if (truncated) return;
    bytes += piece.byteLength;
    truncated = bytes > maxBytes;
    if (truncated) end();
    else pieces.push(piece);
  });

  const ended = Promise.withResolvers<number | null>();
  child.once("error", (cause) => ended.reject(new GitError("git could not be started on this server.", { cause })));
  child.once("close", (code) => ended.resolve(code));
  let late = false;
  const end = () => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // It is gone, which is what was wanted.
    }
  };
  const timer = setTimeout(() => {
    late = true;
    end();
  }, timeoutMs);
  signal?.addEventListener("abort", end, { once: true });
  try {
    const code = await ended.promise;
    signal?.throwIfAborted();
    if (late) throw new GitError(`git ${args.join(" ")} took longer than ${timeoutMs / 1000} s and was ended.`);
    if (code !== 0 && !truncated)
      throw new GitError(withoutSecrets(words.trim(), root) || `git ended with code ${code}.`);
    return { output: Buffer.concat(pieces), truncated };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", end);
  }
}

/** What git and ssh need to find their own settings and keys. Nothing of the server's. */
const passedOn = [
  "PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR", "XDG_CONFIG_HOME", "SSH_AUTH_SOCK",
  "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "no_proxy", "all_proxy",
  "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM",
]; // prettier-ignore

function gitEnvironment(server: Readonly<Record<string, string | undefined>>, root: string): Record<string, string> {
  const environment: Record<string, string> = {
    GIT_TERMINAL_PROMPT: "0",
    // An empty program cannot be asked, and keeps those from the settings from being.
    GIT_ASKPASS: "",
    SSH_ASKPASS: "",
    SSH_ASKPASS_REQUIRE: "never",
    GIT_SSH_COMMAND: "ssh -oBatchMode=yes",
    GCM_INTERACTIVE: "never",
    GIT_EDITOR: "true",
    GIT_PAGER: "cat",
    GIT_CEILING_DIRECTORIES: dirname(root),
  };
  for (const name of passedOn) {
    const value = server[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}

/** An address may hold a name and a password; the root is nobody's business but the host's. */
export function withoutSecrets(words: string, root: string): string {
  return words.replaceAll(/([a-z][a-z0-9+.-]*:\/\/)[^/\s@'"]*@/gi, "$1***@").replaceAll(`${root}/`, "");
}
