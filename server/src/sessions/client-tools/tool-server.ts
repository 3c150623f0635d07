/**
 * The client's tools as one process sees them: an MCP server in this process, whose calls are held until the client has
 * answered them. The low-level server takes the client's JSON Schemas as they are.
 */
import type { McpSdkServerConfigWithInstance } from "@anthropic-ai/claude-agent-sdk";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { CallToolRequestSchema, ListToolsRequestSchema, type Tool } from "@modelcontextprotocol/sdk/types.js";
import type { ToolResultBlock } from "../conversation.ts";
import type { ClientTool } from "./client-tool.ts";
import { HeldCalls } from "./held-calls.ts";
import { mcpNameOf, serverName, toMcpName } from "./names.ts";
import { toMcpResult } from "./results.ts";

/** Characters of one result that the CLI passes on; the most that it can be told. */
const maxResultChars = 500_000;

export class ToolServer {
  readonly #calls = new HeldCalls();
  /** Of what is offered now: by the name within the server, what the client calls it. */
  #names = new Map<string, string>();
  /** What the model may have seen since the process began, each by its name with all that is said of it. */
  readonly #shown = new Map<string, string>();

  /** A server with these tools, for the SDK; it takes the place of the one before. */
  offer(tools: readonly ClientTool[]): Record<string, McpSdkServerConfigWithInstance> {
    this.#names = new Map(tools.map(({ name }) => [toMcpName(name), name]));
    if (tools.length === 0) return {};
    const server = new Server({ name: serverName, version: "1" }, { capabilities: { tools: {} } });
    const list = tools.map(toTool);
    server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: list }));
    server.setRequestHandler(CallToolRequestSchema, ({ params }, { signal }) => {
      const id = params._meta?.["claudecode/toolUseId"];
      if (typeof id !== "string") throw new Error("The call does not say which one it is.");
      return this.#calls.arrive(id, signal);
    });
    // The SDK asks for the high-level class, and uses nothing of it but `connect`, which both have.
    const instance = server as unknown as McpSdkServerConfigWithInstance["instance"];
    return { [serverName]: { type: "sdk", name: serverName, instance } };
  }

  /** A turn begins: what is offered now will have been seen. */
  show(tools: readonly ClientTool[]): void {
    for (const tool of tools) this.#shown.set(tool.name, JSON.stringify(tool));
  }

  /** The model was asked without any tool at all: the CLI has forgotten those before. */
  forgetShown(): void {
    this.#shown.clear();
  }

  /**
   * Whether a process can be told to offer these instead. The CLI goes on showing the model a tool that was taken away
   * or changed, as it was, so that only what is new can be.
   */
  canOffer(tools: readonly ClientTool[]): boolean {
    const wanted = new Map(tools.map((tool) => [tool.name, tool]));
    for (const [name, seen] of this.#shown) {
      const tool = wanted.get(name);
      if (!tool || JSON.stringify(tool) !== seen) return false;
    }
    return true;
  }

  /** What the client calls the tool that the model knows by this name; null when it is none of those offered. */
  clientName(modelName: string): string | null {
    const name = mcpNameOf(modelName);
    return name === null ? null : (this.#names.get(name) ?? null);
  }

  answer(results: readonly ToolResultBlock[]): void {
    for (const result of results) this.#calls.answer(result.tool_use_id, toMcpResult(result));
  }

  /** The turn is over, and with it what was held. */
  clear(): void {
    this.#calls.clear();
  }
}

function toTool({ name, description, inputSchema }: ClientTool): Tool {
  return {
    name: toMcpName(name),
    ...(description === undefined ? {} : { description }),
    inputSchema: inputSchema as Tool["inputSchema"],
    // The CLI makes calls of such tools side by side, and those of others one by one.
    annotations: { readOnlyHint: true },
    _meta: { "anthropic/alwaysLoad": true, "anthropic/maxResultSizeChars": maxResultChars },
  };
}
