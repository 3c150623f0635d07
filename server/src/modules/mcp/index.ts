/** MCP over Streamable HTTP at `/mcp`. The protocol is the SDK's; who may come, and what is there, is said here. */
import { Elysia } from "elysia";
import { ApiError } from "../../http/errors.ts";
import { isOwnOrigin } from "../../http/hooks.ts";
import type { McpEndpoint } from "./endpoint.ts";

export const mcp = (endpoint: McpEndpoint) => {
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
