/** An MCP server as a program, for tests: one tool, which tells whether it was given the secret of its settings. */
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";

const server = new McpServer({ name: "notes", version: "1" });
server.registerTool("ping", { description: "Answers." }, () => ({
  content: [{ type: "text", text: process.env["NOTES_SECRET"] === undefined ? "without secret" : "with secret" }],
}));
await server.connect(new StdioServerTransport());
