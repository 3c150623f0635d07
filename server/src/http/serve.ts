/** The outermost layer: one request in, one reply out, one line in the log. */
import type { Logger } from "pino";
import { climbingPattern, refuseClimbing } from "./climbing.ts";
import { beginRequest } from "./request-context.ts";
import { type SocketHandler, websocket } from "./sockets.ts";

export interface ServeOptions {
  hostname: string;
  port: number;
  fetch: (request: Request) => Response | Promise<Response>;
  log: Logger;
  /** Quiet time in milliseconds after which a stream gets a heartbeat, instead of the usual one. */
  heartbeatMs?: number | undefined;
}

/**
 * What HEAD asks is answered as GET is, and the server leaves the body out and lets go of it. The router would read all of
 * it to count its bytes, which of a stream without an end it never has.
 */
const asGet = (request: Request): Request => new Request(request, { method: "GET" });

/** @throws when the port is taken */
export function serve({ hostname, port, fetch, log, heartbeatMs }: ServeOptions): Bun.Server<SocketHandler> {
  const answer = async (request: Request, server: Bun.Server<SocketHandler>, reply = fetch) => {
    const started = performance.now();
    const isHead = request.method === "HEAD";
    const asked = isHead ? asGet(request) : request;
    const context = beginRequest(asked);
    context.isHead = isHead;
    context.heartbeatMs = heartbeatMs;
    // The server knows the address of a client for as long as it owes it something.
    context.isOpen = () => server.requestIP(request) !== null;
    context.address = () => server.requestIP(request)?.address;
    let upgraded = false;
    context.upgrade = (data) => (upgraded = server.upgrade(request, { data }));
    const response = await reply(asked);
    if (upgraded) return undefined;
    if (context.headLength !== undefined) response.headers.set("content-length", String(context.headLength));
    response.headers.set("x-request-id", context.id);
    response.headers.set("request-id", context.id);
    const headMs = performance.now() - started;
    void (context.streaming ?? Promise.resolve()).then(() => {
      const { pathname } = new URL(request.url);
      const line = {
        requestId: context.id,
        method: request.method,
        path: pathname,
        status: response.status,
        ...(context.sessionId === undefined ? {} : { sessionId: context.sessionId, source: context.source }),
        headMs: Math.round(headMs),
        durationMs: Math.round(performance.now() - started),
      };
      if (response.status >= 500) log.warn(line, "request");
      else if (context.sessionId !== undefined || request.method !== "GET") log.info(line, "request");
      else log.debug(line, "request");
    });
    return response;
  };
  return Bun.serve<SocketHandler>({
    websocket,
    hostname,
    port,
    // A turn may think for minutes before its first byte; the session's own watchdog is the judge of that.
    idleTimeout: 0,
    // Each handler bounds what it reads, so that it can say so in its family's words.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    routes: {
      [climbingPattern]: (request: Request, server: Bun.Server<SocketHandler>) =>
        answer(request, server, refuseClimbing(fetch)),
    },
    fetch: (request, server) => answer(request, server),
    // What no handler caught: without these Bun answers with a page of the server's own code.
    development: false,
    error: (cause) => {
      log.error({ err: cause }, "a request failed outside of its handlers");
      const message = "Something went wrong in the server. Its log has more.";
      return Response.json({ type: "error", error: { type: "api_error", message } }, { status: 500 });
    },
  });
}
