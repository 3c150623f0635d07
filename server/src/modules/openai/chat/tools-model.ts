/** Tools as a request of Chat Completions offers them, calls of them in its history, and how the model is to choose. */
import { z } from "zod";

const name = z.string().min(1).max(1000);
const description = z.string().nullish();

/** Some clients leave out what most of them are. */
const functionUnlessSaid = (value: unknown): unknown =>
  typeof value === "object" && value !== null && "function" in value && !("type" in value)
    ? { ...value, type: "function" }
    : value;

export const call = z.preprocess(
  functionUnlessSaid,
  z.discriminatedUnion(
    "type",
    [
      z.looseObject({
        type: z.literal("function"),
        id: z.string(),
        function: z.looseObject({ name: z.string(), arguments: z.string() }),
      }),
      z.looseObject({
        type: z.literal("custom"),
        id: z.string(),
        custom: z.looseObject({ name: z.string(), input: z.string() }),
      }),
    ],
    { error: "must be a call of type function or custom" },
  ),
);
export type WireCall = z.infer<typeof call>;

const format = z.discriminatedUnion(
  "type",
  [
    z.looseObject({ type: z.literal("text") }),
    z.looseObject({
      type: z.literal("grammar"),
      grammar: z.looseObject({ definition: z.string(), syntax: z.string() }),
    }),
  ],
  { error: "must be text or grammar" },
);

export const tool = z.preprocess(
  functionUnlessSaid,
  z.discriminatedUnion(
    "type",
    [
      z.looseObject({
        type: z.literal("function"),
        function: z.looseObject({ name, description, parameters: z.record(z.string(), z.unknown()).nullish() }),
      }),
      z.looseObject({
        type: z.literal("custom"),
        custom: z.looseObject({ name, description, format: format.nullish() }),
      }),
    ],
    { error: "must be of type function or custom: the CLI can be offered no others" },
  ),
);
export type WireTool = z.infer<typeof tool>;

const named = z.looseObject({ name: z.string() });
const chosen = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("function"), function: named }),
  z.looseObject({ type: z.literal("custom"), custom: named }),
]);
export type ChosenTool = z.infer<typeof chosen>;

export const toolChoice = z.union(
  [
    z.enum(["none", "auto", "required"]),
    chosen,
    z.looseObject({
      type: z.literal("allowed_tools"),
      allowed_tools: z.looseObject({ mode: z.enum(["auto", "required"]), tools: z.array(chosen) }),
    }),
  ],
  { error: "must be none, auto, required, one function or custom tool by its name, or allowed_tools of these" },
);
