/** A small MCP server by stdin and stdout, with one tool: greets whoever it is told, in the words of its environment. */
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { CallToolRequestSchema, ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";

const server = new Server({ name: "greeter", version: "1" }, { capabilities: { tools: {} } });
const properties = { name: { type: "string" } };
server.setRequestHandler(ListToolsRequestSchema, () => ({
  tools: [{ name: "greet", description: "Greets", inputSchema: { type: "object", properties } }],
}));
server.setRequestHandler(CallToolRequestSchema, ({ params }) => ({
  content: [{ type: "text", text: `${process.env["GREETING"]}, ${String(params.arguments?.["name"])}` }],
}));
await server.connect(new StdioServerTransport());
