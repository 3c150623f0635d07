/** Tools whose input is text of any form: to the CLI they are functions with one field for it. */
import type { ClientTool } from "../../../sessions/index.ts";

export interface CustomTool {
  /** As the session knows it. */
  name: string;
  description: string | null | undefined;
  /** What the text must follow. It can be asked for, not forced. */
  grammar?: { definition?: unknown; syntax?: unknown } | null | undefined;
}

export function customTool({ name, description, grammar }: CustomTool): ClientTool {
  const { definition, syntax } = grammar ?? {};
  const kind = typeof syntax === "string" ? `${syntax} grammar` : "grammar";
  const rule = typeof definition === "string" ? `The input must follow this ${kind}:\n${definition}` : "";
  const words = [description ?? "", rule].filter((text) => text !== "").join("\n\n");
  return {
    name,
    ...(words === "" ? {} : { description: words }),
    inputSchema: {
      type: "object",
      properties: { input: { type: "string", description: "The whole input, as it is." } },
      required: ["input"],
      additionalProperties: false,
    },
  };
}

/** What a call of one is in a history. */
export const customInput = (input: string): { input: string } => ({ input });
