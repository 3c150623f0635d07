/** Server and dashboard with hot reload, on the demo model: one command, both ended together. */
import { join } from "node:path";

const root = join(import.meta.dir, "..");
const port = process.env["LODGE_PORT"] ?? "8080";
const options = { stdin: "ignore", stdout: "inherit", stderr: "inherit" } as const;

const server = Bun.spawn([process.execPath, "--watch", "--no-clear-screen", "server/src/main.ts", "demo"], {
  ...options,
  cwd: root,
  env: { ...process.env, LODGE_PORT: port },
});
const web = Bun.spawn([process.execPath, "--bun", "x", "--no-install", "vite"], {
  ...options,
  cwd: join(root, "web"),
  env: { ...process.env, LODGE_DEV_SERVER: `http://127.0.0.1:${port}` },
});

const stop = () => {
  server.kill();
  web.kill();
};
process.on("SIGINT", stop);
process.on("SIGTERM", stop);
await Promise.race([server.exited, web.exited]);
stop();
await Promise.all([server.exited, web.exited]);
