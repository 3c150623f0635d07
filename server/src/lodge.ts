/** The server as one object: its parts put together, listening, and taken down again in order. */

import { createApp } from "./app.ts";
import type { Config } from "./config.ts";
import { serve } from "./http/serve.ts";
import { openParts, type PartsOptions } from "./parts.ts";
import { servicesOf } from "./services.ts";

export { type Config, ConfigError, readConfig } from "./config.ts";
export { demoEnvironment } from "./demo-environment.ts";
export { createLog } from "./observability/log.ts";

/** Milliseconds that turns under way have to finish when the server is told to stop. */
const drainMs = 5000;

export interface LodgeOptions extends PartsOptions {
  /** Quiet time in milliseconds after which a stream gets a heartbeat, for whoever cannot wait for the usual one. */
  heartbeatMs?: number | undefined;
}

export interface Lodge extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
  /** No new turns, those under way get a grace period, then every process is ended. Calling it again waits for the same end. */
  stop(): Promise<void>;
}

/** @throws when a setting does not fit this machine: no CLI, port taken, data folder not writable */
export async function startLodge(options: LodgeOptions): Promise<Lodge> {
  const { config, log, heartbeatMs } = options;
  await using stack = new AsyncDisposableStack();
  const parts = await openParts(options, stack);
  const { sessions, responses, work, hub, token } = parts;
  const app = createApp(servicesOf(parts, options));
  const server = serve({
    hostname: config.host,
    port: config.port,
    fetch: (request) => app.fetch(request),
    log,
    heartbeatMs,
  });
  work.begin();
  responses.begin();
  sessions.prepare({ mode: config.defaultMode, cwd: parts.workspaces.root });
  const owned = stack.move();
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    // Frees the port; connections that are open stay so until their replies are done.
    void server.stop(false);
    await Promise.all([work.jobs.drain(drainMs), responses.drain(drainMs), sessions.drain(drainMs)]);
    hub[Symbol.dispose]();
    await server.stop(true);
    await owned.disposeAsync();
  };
  const lodge: Lodge = {
    url: `http://${hostOf(config)}:${server.port}`,
    token,
    stop: () => (stopped ??= stop()),
    [Symbol.asyncDispose]: () => lodge.stop(),
  };
  return lodge;
}

const hostOf = ({ host }: Config): string => (host.includes(":") ? `[${host}]` : host);
