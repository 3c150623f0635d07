/** Tools as a request of the Messages API offers them, how they change on the way, and how the model is to choose. */
import { z } from "zod";
import { described } from "./known-tools.ts";

/** Tools that run on Anthropic's servers, and sets of many that only the API takes apart. */
const notTheClients = ({ input }: { input?: unknown }) =>
  `${JSON.stringify(input)} is not supported: the CLI can be offered tools that the client executes, which are custom ones, bash, text_editor and memory`;

const clientTool = z.looseObject({
  type: z.literal("custom").nullish(),
  name: z.string().min(1).max(1000),
  description: z.string().nullish(),
  input_schema: z.record(z.string(), z.unknown()),
  /** Not shown to the model before something in the conversation refers to it. */
  defer_loading: z.boolean().nullish(),
});
export type WireTool = z.infer<typeof clientTool>;

/** It searches among the others on Anthropic's servers, and is of no use where the model sees all of them. */
const search = z
  .looseObject({ type: z.literal("search"), search: z.string() })
  .describe("A tool of the type tool_search_tool_…, which is accepted and not run: all tools are loaded instead.");

export const tool = z.preprocess(
  (value) => asSearch(described(value)),
  z.discriminatedUnion("type", [clientTool, search], {
    error: (issue) => notTheClients({ input: typeIn(issue.input) }),
  }),
);

function asSearch(value: unknown): unknown {
  const type = typeIn(value);
  return typeof type === "string" && type.startsWith("tool_search_tool_") ? { type: "search", search: type } : value;
}

const typeIn = (value: unknown): unknown =>
  typeof value === "object" && value !== null && "type" in value ? value.type : undefined;

/** Of the tools that the request names beside, or one of an MCP server, of which there are none here. */
const reference = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("tool_reference"), name: z.string() }),
  z.looseObject({ type: z.literal("mcp_tool_reference") }),
  z.looseObject({ type: z.literal("mcp_toolset_reference") }),
]);
const definition = z.looseObject({ type: z.literal("tool_definition"), definition: tool });

/** What a system message in the midst of a conversation says of the tools from then on. */
export const toolChange = [
  z.looseObject({ type: z.literal("tool_addition"), tool: z.union([definition, reference]) }),
  z.looseObject({ type: z.literal("tool_removal"), tool: reference }),
] as const;

const parallel = { disable_parallel_tool_use: z.boolean().nullish() };
export const toolChoice = z.discriminatedUnion(
  "type",
  [
    z.looseObject({ type: z.literal("auto"), ...parallel }),
    z.looseObject({ type: z.literal("any"), ...parallel }),
    z.looseObject({ type: z.literal("tool"), name: z.string(), ...parallel }),
    z.looseObject({ type: z.literal("none") }),
  ],
  { error: "type must be auto, any, tool or none" },
);
