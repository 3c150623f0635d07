/** Tools as a request of the Responses API offers them, and how the model is to choose. */
import { z } from "zod";

const name = z.string().min(1).max(256);
const description = z.string().nullish();

const functionTool = z.looseObject({
  type: z.literal("function"),
  name,
  description,
  parameters: z.record(z.string(), z.unknown()).nullish(),
  strict: z.boolean().nullish(),
});
/** One whose input is text of any form. */
const customTool = z.looseObject({ type: z.literal("custom"), name, description, format: z.looseObject({}).nullish() });
const namespace = z.looseObject({
  type: z.literal("namespace"),
  name,
  description,
  tools: z.array(
    z.discriminatedUnion("type", [functionTool, customTool], { error: "must be a function or custom tool" }),
  ),
});
/** One that another service would run, by the type that it was sent with: web_search, file_search and their kind. */
const hosted = z
  .looseObject({ type: z.literal("hosted"), hosted: z.string().min(1).max(64) })
  .describe("A tool of any other type, which is accepted and not run.");

export const tool = z.preprocess(
  (value) =>
    typeof value === "object" && value !== null && "type" in value && isHosted(value.type)
      ? { ...value, type: "hosted", hosted: value.type }
      : value,
  z.discriminatedUnion("type", [functionTool, customTool, namespace, hosted], { error: "must have a type" }),
);

const isHosted = (type: unknown): boolean =>
  typeof type === "string" && !["function", "custom", "namespace"].includes(type);

export type FunctionTool = z.infer<typeof functionTool>;
export type CustomTool = z.infer<typeof customTool>;
export type WireTool = z.infer<typeof tool>;

const choiceOf = z.looseObject({ type: z.enum(["function", "custom"]), name });

export const toolChoice = z.union(
  [
    z.enum(["none", "auto", "required"]),
    choiceOf,
    z.looseObject({ type: z.literal("allowed_tools"), mode: z.enum(["auto", "required"]), tools: z.array(choiceOf) }),
  ],
  {
    error: "must be none, auto, required, a function or custom tool by name, or allowed_tools of these",
  },
);
export type WireToolChoice = z.infer<typeof toolChoice>;
