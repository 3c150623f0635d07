/** What is read of the CLI's records for people to look at. They are its own, and grow: what is unknown is passed over. */
import { z } from "zod";

const tokens = z
  .number()
  .int()
  .min(0)
  .nullish()
  .transform((count) => count ?? 0);

const common = {
  uuid: z.string().min(1).max(200),
  timestamp: z.iso.datetime({ offset: true }),
  isSidechain: z.boolean().optional(),
};

export const assistantRecord = z.object({
  ...common,
  message: z.object({
    id: z.string(),
    model: z.string(),
    content: z.array(z.unknown()),
    usage: z
      .object({
        input_tokens: tokens,
        output_tokens: tokens,
        cache_read_input_tokens: tokens,
        cache_creation_input_tokens: tokens,
      })
      .nullish(),
  }),
  isApiErrorMessage: z.boolean().optional(),
});

export const userRecord = z.object({
  ...common,
  message: z.object({ content: z.union([z.string(), z.array(z.unknown())]) }),
  /** Words that the CLI puts into the user's mouth. */
  isMeta: z.boolean().nullish(),
  isCompactSummary: z.boolean().nullish(),
  turnOrigin: z.string().nullish(),
  /** What the tool told the CLI, beside what the CLI told the model. */
  toolUseResult: z.unknown().optional(),
});

export const systemRecord = z.object({
  ...common,
  subtype: z.string(),
  content: z.unknown().optional(),
});

/** A message that was typed while a turn ran. */
export const queuedRecord = z.object({
  ...common,
  attachment: z.object({
    type: z.literal("queued_command"),
    prompt: z.union([z.string(), z.array(z.unknown())]),
    commandMode: z.string().optional(),
  }),
});

const source = z.object({ media_type: z.string().max(200).default("unknown"), data: z.string().default("") });

export const contentBlock = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text"), text: z.string() }),
  z.object({ type: z.literal("thinking"), thinking: z.string() }),
  z.object({ type: z.literal("redacted_thinking") }),
  z.object({
    type: z.literal("tool_use"),
    id: z.string().max(200),
    name: z.string().max(200),
    input: z.record(z.string(), z.unknown()).catch({}),
  }),
  z.object({
    type: z.literal("tool_result"),
    tool_use_id: z.string().max(200),
    content: z.union([z.string(), z.array(z.unknown())]).default(""),
    is_error: z.boolean().nullish(),
  }),
  z.object({ type: z.literal("image"), source }),
  z.object({ type: z.literal("document"), source }),
]);
export type ContentBlock = z.infer<typeof contentBlock>;

export const toolDetails = z.object({
  structuredPatch: z
    .array(
      z.object({
        oldStart: z.number().int(),
        oldLines: z.number().int(),
        newStart: z.number().int(),
        newLines: z.number().int(),
        lines: z.array(z.string()),
      }),
    )
    .optional()
    .catch(undefined),
  agentId: z
    .string()
    .regex(/^[a-zA-Z0-9_-]{1,64}$/)
    .optional()
    .catch(undefined),
});
