/** A git server on loopback: git's own `http-backend` behind HTTP. What it sends can be held up in the midst of it. */
import { join } from "node:path";

export interface GitServer extends AsyncDisposable {
  url: string;
  /** The next pack is sent as far as half of it; calling what comes back sends the rest. */
  hold(): () => void;
}

/** @param root folder with the repositories in it */
export function startGitServer(root: string): GitServer {
  let gate: Promise<void> | undefined;
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 60,
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      const backend = Bun.spawn(["git", "http-backend"], {
        stdin: new Uint8Array(await request.arrayBuffer()),
        stdout: "pipe",
        stderr: "ignore",
        env: {
          PATH: process.env["PATH"] ?? "",
          GIT_PROJECT_ROOT: root,
          GIT_HTTP_EXPORT_ALL: "1",
          PATH_INFO: pathname,
          QUERY_STRING: search.slice(1),
          REQUEST_METHOD: request.method,
          CONTENT_TYPE: request.headers.get("content-type") ?? "",
          HTTP_CONTENT_ENCODING: request.headers.get("content-encoding") ?? "",
          GIT_PROTOCOL: request.headers.get("git-protocol") ?? "",
        },
      });
      const answer = new Uint8Array(await new Response(backend.stdout).arrayBuffer());
      const end = Buffer.from(answer).indexOf("\r\n\r\n");
      const head = new TextDecoder().decode(answer.subarray(0, end));
      const headers = new Headers(head.split("\r\n").map((line) => line.split(": ", 2) as [string, string]));
      const status = Number(headers.get("status")?.slice(0, 3) ?? 200);
      const body = answer.subarray(end + 4);
      const held = body.length > 100_000 ? gate : undefined;
      return new Response(held === undefined ? body : halves(body, held), { status, headers });
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return resolve;
    },
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

function halves(body: Uint8Array, gate: Promise<void>): ReadableStream<Uint8Array> {
  const middle = body.length >> 1;
  return new ReadableStream({
    async start(controller) {
      controller.enqueue(body.subarray(0, middle));
      await gate;
      controller.enqueue(body.subarray(middle));
      controller.close();
    },
  });
}

/** Makes a repository with some files in it, which together are larger than what is sent at once. */
export async function makeRepository(folder: string): Promise<void> {
  const git = (...args: string[]) => {
    const { exitCode, stderr } = Bun.spawnSync(
      ["git", "-c", "user.name=Ann", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main", ...args],
      { cwd: folder },
    );
    if (exitCode !== 0) throw new Error(stderr.toString());
  };
  await Bun.write(join(folder, "README.md"), "cloned");
  for (let index = 0; index < 8; index++) {
    await Bun.write(join(folder, `noise-${index}`), crypto.getRandomValues(new Uint8Array(60_000)));
  }
  git("init");
  git("add", ".");
  git("commit", "-m", "first");
}
