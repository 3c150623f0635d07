/** What a session waits for a person to decide. */
import { z } from "zod";
import { limits } from "./limits.ts";

export const prompt = z.object({
  id: z.string().max(limits.name),
  reason: z.enum(["permission", "question", "dialog"]),
  /** One line for a person. */
  title: z.string(),
  /** What it is about: a tool's input, the text of a dialog. */
  detail: z.string(),
  options: z.array(z.object({ id: z.string(), label: z.string() })),
  questions: z
    .array(
      z.object({
        question: z.string(),
        header: z.string(),
        options: z.array(z.object({ label: z.string(), description: z.string() })),
        multiSelect: z.boolean(),
      }),
    )
    .optional(),
});

/** Body of `POST /api/sessions/:id/answers`. */
export const answerRequest = z.object({
  /** The prompt's id. */
  promptId: z.string().min(1).max(limits.name),
  /** The id of one of its options. */
  option: z.string().min(1).max(limits.name),
  /** For the model, with a denial: why, or what to do instead. */
  message: z.string().max(10_000).optional(),
  /** For a question: what was chosen or written, for each of its questions. */
  answers: z.record(z.string(), z.string().max(10_000)).optional(),
});
export type AnswerRequest = z.infer<typeof answerRequest>;
