/** Tools that the client executes: what it offers the model, and how the model is to choose among them. */

export interface ClientTool {
  /** As the client calls it: any text. */
  name: string;
  description?: string;
  /** A JSON Schema, handed to the model unchanged. */
  inputSchema: Record<string, unknown>;
}

export type ToolChoice =
  /** As the model likes; what holds when nothing is said. */
  | { type: "auto" }
  /** The model does not get to see the tools. */
  | { type: "none" }
  /** At least one call. */
  | { type: "required" }
  /** At least one call, and of this tool only. */
  | { type: "tool"; name: string };
