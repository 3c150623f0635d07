/**
 * The one address of MCP: finds the session that a request belongs to, begins one, or answers without any. Sessions are
 * bounded in number and end when nobody has used them for a while.
 */
import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { WebStandardStreamableHTTPServerTransport as Transport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import { isInitializeRequest } from "@modelcontextprotocol/sdk/types.js";
import type { Caller } from "../../auth/caller.ts";
import { AccessError } from "../../auth/errors.ts";
import { ApiError } from "../../http/errors.ts";
import { callerOf } from "../../http/request-context.ts";
import type { Clock } from "../../sessions/clock.ts";
import { RecentEvents } from "./events.ts";
import type { McpServices } from "./server.ts";
import { opened, whenOver } from "./streams.ts";

/** Sessions of all clients together. */
const maxSessions = 200;
/** Milliseconds without a request or an open stream after which a session ends. */
const idleMs = 30 * 60_000;
/** Milliseconds between comments on a quiet stream; proxies close one after 15 s or more. */
const keepAliveMs = 10_000;

interface Session {
  /** Who began it, as they are at their latest request. */
  caller: Caller;
  readonly server: McpServer;
  readonly transport: Transport;
  /** Replies and streams that are not over. */
  open: number;
  usedAt: number;
  timer: Disposable | undefined;
}

/** Makes the server of one session, which asks each time who its client is, or of one request. */
export type MakeServer = (session: Pick<McpServices, "caller" | "isKept">) => McpServer;

export class McpEndpoint implements AsyncDisposable {
  readonly #makeServer: MakeServer;
  readonly #clock: Clock;
  readonly #sessions = new Map<string, Session>();

  constructor(makeServer: MakeServer, clock: Clock) {
    this.#makeServer = makeServer;
    this.#clock = clock;
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  /** @param body of a POST, parsed */
  async handle(request: Request, body: unknown): Promise<Response> {
    const id = request.headers.get("mcp-session-id");
    if (id !== null) return this.#inSession(request, body, id);
    if (new URL(request.url).searchParams.has("stateless")) return this.#alone(request, body);
    if (request.method === "POST" && [body].flat().some(isInitializeRequest)) return this.#begin(request, body);
    throw new ApiError(
      "invalid_request",
      "Header mcp-session-id is missing: send initialize first, or add ?stateless to the address.",
      { param: "mcp-session-id" },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#sessions.keys()].map((id) => this.#end(id)));
  }

  async #begin(request: Request, body: unknown): Promise<Response> {
    this.#makeRoom();
    const server = this.#makeServer({ caller: () => session.caller, isKept: true });
    const transport: Transport = new Transport({
      sessionIdGenerator: () => crypto.randomUUID(),
      eventStore: new RecentEvents(),
      keepAliveMs,
      onsessioninitialized: (id) => {
        this.#sessions.set(id, session);
      },
      onsessionclosed: (id) => this.#end(id),
    });
    const session: Session = {
      caller: callerOf(request),
      server,
      transport,
      open: 0,
      usedAt: this.#clock.now(),
      timer: undefined,
    };
    await server.connect(transport);
    const response = await this.#answer(request, body, session);
    // What was refused never was a session.
    if (transport.sessionId === undefined) await server.close();
    return response;
  }

  async #inSession(request: Request, body: unknown, id: string): Promise<Response> {
    const session = this.#sessions.get(id);
    if (!session) throw new ApiError("not_found", "That session has ended: send initialize for a new one.");
    const caller = callerOf(request);
    if (caller.owner !== session.caller.owner) {
      throw new AccessError("owner_foreign", "That session of MCP was begun with another key.");
    }
    session.caller = caller;
    return this.#answer(request, body, session);
  }

  /** For clients that keep no session: nothing is left of it when the reply is over. */
  async #alone(request: Request, body: unknown): Promise<Response> {
    if (request.method !== "POST") {
      throw new ApiError("method_not_allowed", "Without a session there is only POST.", { allow: ["POST"] });
    }
    const caller = callerOf(request);
    const server = this.#makeServer({ caller: () => caller, isKept: false });
    const transport = new Transport({ keepAliveMs });
    await server.connect(transport);
    const response = opened(await transport.handleRequest(request, { parsedBody: body }));
    return whenOver(response, () => void server.close());
  }

  async #answer(request: Request, body: unknown, session: Session): Promise<Response> {
    session.open++;
    session.timer?.[Symbol.dispose]();
    const options = request.method === "POST" ? { parsedBody: body } : {};
    try {
      const response = opened(await session.transport.handleRequest(request, options));
      return whenOver(response, () => this.#rest(session));
    } catch (error) {
      this.#rest(session);
      throw error;
    }
  }

  #rest(session: Session): void {
    session.open--;
    session.usedAt = this.#clock.now();
    const id = session.transport.sessionId;
    if (session.open > 0 || id === undefined || !this.#sessions.has(id)) return;
    session.timer = this.#clock.after(idleMs, () => void this.#end(id));
  }

  /** The one that rested longest makes room; none that is in use does. */
  #makeRoom(): void {
    if (this.#sessions.size < maxSessions) return;
    const idle = [...this.#sessions].filter(([, { open }]) => open === 0);
    const oldest = idle.toSorted(([, a], [, b]) => a.usedAt - b.usedAt)[0];
    if (!oldest)
      throw new ApiError("unavailable", `${maxSessions} sessions are in use; no more may be.`, { retryAfter: 30 });
    void this.#end(oldest[0]);
  }

  /** Ends its requests, too: a run that nobody can hear of is cancelled. */
  async #end(id: string): Promise<void> {
    const session = this.#sessions.get(id);
    if (!session) return;
    this.#sessions.delete(id);
    session.timer?.[Symbol.dispose]();
    await session.server.close();
  }
}
