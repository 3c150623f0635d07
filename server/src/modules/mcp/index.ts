/** MCP over Streamable HTTP at `/mcp`. The protocol is the SDK's; who may come, and what is there, is said here. */
import { Elysia } from "elysia";
import type { Caller } from "../../auth/caller.ts";
import { ApiError } from "../../http/errors.ts";
import { isOwnOrigin } from "../../http/hooks.ts";
import type { FileAccess } from "../files/reachable.ts";
import type { McpEndpoint } from "./endpoint.ts";
import type { McpServices } from "./server.ts";

/** What is the same for all who come. */
type SharedServices = Omit<McpServices, "caller" | "files" | "isKept"> & {
  /** The files as far as somebody may touch them. */
  filesFor: (caller: Caller) => FileAccess;
};

/** The endpoint, loaded when somebody first speaks MCP: a server is ready without it. */
export class McpDoor implements AsyncDisposable {
  readonly #services: SharedServices;
  #endpoint: Promise<McpEndpoint> | undefined;

  constructor(services: SharedServices) {
    this.#services = services;
  }

  async handle(request: Request, body: unknown): Promise<Response> {
    this.#endpoint ??= this.#open();
    return (await this.#endpoint).handle(request, body);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#endpoint)?.[Symbol.asyncDispose]();
  }

  async #open(): Promise<McpEndpoint> {
    const [{ McpEndpoint }, { makeServer }] = await Promise.all([import("./endpoint.ts"), import("./server.ts")]);
    const { filesFor, ...services } = this.#services;
    return new McpEndpoint(
      (session) => makeServer({ ...services, ...session, files: () => filesFor(session.caller()) }),
      services.clock,
    );
  }
}

export const mcp = (endpoint: McpDoor) => {
  const handle = ({ request, body }: { request: Request; body: unknown }): Promise<Response> => {
    // A page of another site must not reach a server on this machine through its reader's browser.
    if (!isOwnOrigin(request)) throw new ApiError("permission", "Requests from pages of other sites are not taken.");
    return endpoint.handle(request, body);
  };
  return new Elysia({ name: "mcp", detail: { hide: true } })
    .post("/mcp", handle)
    .get("/mcp", handle)
    .delete("/mcp", handle);
};
