/** A session's transcript as a person reads it: the CLI's own records, made small and even. */
import { z } from "zod";
import { limits } from "./limits.ts";

/** Bounds of a transcript's pages. Characters unless said otherwise. */
export const transcriptLimits = {
  /** Entries of one page. */
  page: 500,
  /** Of one text, argument or result; the rest is a request away. */
  text: 8000,
  /** Of one text when the whole entry was asked for. */
  wholeText: 2_000_000,
  /** Lines of an edit that a page shows. */
  patchLines: 400,
} as const;

/** Tokens of the model's message that an entry is part of; the same for each of its entries. */
const messageUse = z.object({
  id: z.string().max(limits.name),
  model: z.string().max(limits.name),
  inputTokens: z.number().int().min(0),
  outputTokens: z.number().int().min(0),
  cacheReadTokens: z.number().int().min(0),
  cacheCreationTokens: z.number().int().min(0),
});

const attachment = z.object({ mediaType: z.string().max(limits.name), bytes: z.number().int().min(0) });
export type TranscriptAttachment = z.infer<typeof attachment>;

/** One place of a file before and after, as unified diffs have it: each line begins with ` `, `-` or `+`. */
const hunk = z.object({
  oldStart: z.number().int(),
  oldLines: z.number().int(),
  newStart: z.number().int(),
  newLines: z.number().int(),
  lines: z.array(z.string()),
});
export type TranscriptHunk = z.infer<typeof hunk>;

const common = {
  /** The record's uuid; with a number behind a dot for a record's second block and later. */
  id: z.string().max(limits.name),
  /** Milliseconds since the epoch. */
  at: z.number().int(),
  /** Said by or to a subagent rather than in the conversation itself. */
  sidechain: z.boolean(),
  /** Given when something was too long for a page: asks for the whole entry. */
  whole: z.string().max(limits.name).optional(),
};

export const transcriptEntry = z.discriminatedUnion("kind", [
  z.object({ ...common, kind: z.literal("user"), text: z.string(), attachments: z.array(attachment) }),
  z.object({ ...common, kind: z.literal("text"), text: z.string(), message: messageUse }),
  /** Empty where the model's thinking is not shown to anybody. */
  z.object({ ...common, kind: z.literal("thinking"), text: z.string(), message: messageUse }),
  z.object({
    ...common,
    kind: z.literal("tool_call"),
    callId: z.string().max(limits.name),
    name: z.string().max(limits.name),
    input: z.record(z.string(), z.unknown()),
    message: messageUse,
  }),
  z.object({
    ...common,
    kind: z.literal("tool_result"),
    callId: z.string().max(limits.name),
    text: z.string(),
    isError: z.boolean(),
    attachments: z.array(attachment),
    /** What an edit changed in the file. */
    patch: z.array(hunk).optional(),
    /** The subagent that was started; it has a transcript of its own. */
    agent: z.string().max(limits.name).optional(),
  }),
  /** What the CLI notes by itself: a compaction, an interruption, a failure, the end of a background task. */
  z.object({
    ...common,
    kind: z.literal("notice"),
    level: z.enum(["info", "error"]),
    title: z.string(),
    text: z.string(),
  }),
]);
export type TranscriptEntry = z.infer<typeof transcriptEntry>;

/** Answer of `GET /api/sessions/:id/transcript`. */
export const transcriptPage = z.object({
  /** In the order in which they were written. */
  entries: z.array(transcriptEntry),
  /** Cursor of what was written before these; null when this is the beginning, or was not asked for. */
  older: z.string().nullable(),
  /** Cursor of what is written after these; null when older ones were asked for. */
  newer: z.string().nullable(),
  /** Whether there is more after these already. */
  more: z.boolean(),
  /** Records that could not be read and are missing here. */
  skipped: z.number().int().min(0),
  /** The transcript is not the one that the cursor was of: what is known of it is void, and this is its end. */
  replaced: z.boolean(),
});
export type TranscriptPage = z.infer<typeof transcriptPage>;

const cursor = z.string().regex(/^[0-9a-z]{1,16}-[0-9]{1,16}$/, "a cursor is what an earlier page gave");

/** Query of `GET /api/sessions/:id/transcript`: the end of it, or what is before or after a cursor. */
export const transcriptQuery = z
  .object({
    after: cursor.optional(),
    before: cursor.optional(),
    limit: z.coerce.number().int().min(1).max(transcriptLimits.page).default(200),
    /** Of this subagent instead of the session itself. */
    agent: z
      .string()
      .regex(/^[a-zA-Z0-9_-]{1,64}$/, "an agent's id is letters and digits")
      .optional(),
  })
  .refine(({ after, before }) => after === undefined || before === undefined, {
    message: "give `after` or `before`, not both",
    path: ["after"],
  });
export type TranscriptQuery = z.infer<typeof transcriptQuery>;

/** Query of `GET /api/sessions/:id/transcript/entry`. */
export const transcriptEntryQuery = z.object({
  /** The entry's id. */
  entry: z.string().min(1).max(limits.name),
  /** What it gave as `whole`. */
  whole: cursor,
  agent: z
    .string()
    .regex(/^[a-zA-Z0-9_-]{1,64}$/, "an agent's id is letters and digits")
    .optional(),
});
