/**
 * Builds the dashboard when its sources are newer than what was built last, beside a server that answers already: the
 * first start after an update must not make API clients wait for pages.
 */
import { existsSync, globSync, statSync } from "node:fs";
import { join } from "node:path";
import { listPages, type PageSource } from "./pages.ts";

export interface DashboardBuild extends PageSource, AsyncDisposable {
  /** Settles when the pages are there or cannot be built. */
  readonly done: Promise<void>;
}

/**
 * @param root the repository's folder
 * @param onFailure told what the build printed when it failed
 */
export function buildDashboard(root: string, onFailure: (output: string) => void): DashboardBuild {
  const web = join(root, "web");
  const dist = join(web, "dist");
  const source: PageSource = { state: "building", files: new Map() };
  const build = isCurrent(root, dist) ? undefined : startBuild(web);
  const done = finish();
  return {
    get state() {
      return source.state;
    },
    get files() {
      return source.files;
    },
    done,
    async [Symbol.asyncDispose]() {
      build?.kill();
      await done;
    },
  };

  async function finish(): Promise<void> {
    if (build) {
      const [code, output] = await Promise.all([build.exited, new Response(build.stderr).text()]);
      if (code !== 0 && !build.killed) onFailure(output);
    }
    source.files = await listPages(dist);
    source.state = source.files.has("/index.html") ? "ready" : "missing";
  }
}

function startBuild(web: string) {
  return Bun.spawn([process.execPath, "--bun", "x", "--no-install", "vite", "build", "--logLevel", "warn"], {
    cwd: web,
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
    // Vite takes NODE_ENV for the kind of build.
    env: { ...process.env, NODE_ENV: "production" },
  });
}

/** Whether everything that the pages are made from is older than they are. */
function isCurrent(root: string, dist: string): boolean {
  const built = join(dist, "index.html");
  if (!existsSync(built)) return false;
  const builtAt = statSync(built).mtimeMs;
  const sources = globSync(["web/src/**/*", "web/public/**/*", "web/*.*", "shared/src/**/*", "bun.lock"], {
    cwd: root,
  });
  return sources.every((path) => statSync(join(root, path)).mtimeMs <= builtAt);
}
