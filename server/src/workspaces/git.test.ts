/** git without a person: its own words on failure, no secrets in them, never a question, and an end in time. */
import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GitError, pullRebase, withoutSecrets } from "./git.ts";

const root = mkdtempSync(join(tmpdir(), "lodge-git-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function git(cwd: string, ...args: string[]): string {
  const identity = ["-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"];
  const { exitCode, stdout, stderr } = Bun.spawnSync(["git", ...identity, ...args], { cwd });
  if (exitCode !== 0) throw new Error(stderr.toString());
  return stdout.toString().trim();
}

let made = 0;
function cloned(): { origin: string; clone: string } {
  const [origin, clone] = [join(root, `origin${made}`), join(root, `clone${made++}`)];
  git(root, "init", origin);
  git(origin, "commit", "--allow-empty", "-m", "first");
  git(root, "clone", origin, clone);
  return { origin, clone };
}

const pull = (cwd: string, timeoutMs = 20_000, signal?: AbortSignal) => pullRebase({ cwd, root, timeoutMs, signal });
const failure = async (work: Promise<void>): Promise<GitError> => {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof GitError) return error;
  throw error;
};

test("brings what is new", async () => {
  const { origin, clone } = cloned();
  git(origin, "commit", "--allow-empty", "-m", "second");
  await pull(clone);
  expect(git(clone, "log", "-1", "--format=%s")).toBe("second");
});

test("fails with git's own words", async () => {
  const { origin, clone } = cloned();
  writeFileSync(join(origin, "a"), "theirs");
  git(origin, "add", ".");
  git(origin, "commit", "-m", "theirs");
  writeFileSync(join(clone, "a"), "mine");
  expect((await failure(pull(clone))).message).toContain("would be overwritten");
  rmSync(origin, { recursive: true });
  expect((await failure(pull(clone))).message).toContain("does not appear to be a git repository");
});

test("looks for no repository above the root", async () => {
  const inner = join(root, "clone-outside", "workspaces");
  mkdirSync(join(inner, "w"), { recursive: true });
  git(root, "init", join(root, "clone-outside"));
  const { message } = await failure(pullRebase({ cwd: join(inner, "w"), root: inner, timeoutMs: 20_000 }));
  expect(message).toContain("not a git repository");
});

test("asks nobody for a password", async () => {
  const { clone } = cloned();
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: () => new Response(null, { status: 401, headers: { "www-authenticate": 'Basic realm="x"' } }),
  });
  try {
    git(clone, "remote", "set-url", "origin", `http://127.0.0.1:${server.port}/x.git`);
    git(clone, "config", "core.askPass", "/bin/true");
    expect((await failure(pull(clone))).message).toMatch(/could not read Username|Authentication failed/);
  } finally {
    await server.stop(true);
  }
});

/** An origin that never says anything. */
function silent(clone: string): Disposable {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Promise<Response>(() => {}) });
  git(clone, "remote", "set-url", "origin", `http://127.0.0.1:${server.port}/x.git`);
  return { [Symbol.dispose]: () => void server.stop(true) };
}

test("is ended when its time is over, with what it started", async () => {
  const { clone } = cloned();
  using _origin = silent(clone);
  expect((await failure(pull(clone, 100))).message).toBe("git pull --rebase took longer than 0.1 s and was ended.");
});

test("is ended when nobody waits for it any more", async () => {
  const { clone } = cloned();
  using _origin = silent(clone);
  const controller = new AbortController();
  const pulling = pull(clone, 20_000, controller.signal).catch((error: unknown) => error);
  const reason = new Error("enough");
  controller.abort(reason);
  expect(await pulling).toBe(reason);
  expect(await pull(clone, 20_000, controller.signal).catch((error: unknown) => error)).toBe(reason);
});

test.each([
  ["fatal: unable to access 'https://me:token@host/x.git/'", "fatal: unable to access 'https://***@host/x.git/'"],
  ["https://ghp_abc@github.com/a.git and ssh://git@host/b", "https://***@github.com/a.git and ssh://***@host/b"],
  ["error in /data/workspaces/a/b.txt", "error in a/b.txt"],
  ["mail me@example.com", "mail me@example.com"],
])("%s", (words, expected) => {
  expect(withoutSecrets(words, "/data/workspaces")).toBe(expected);
});
