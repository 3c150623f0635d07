/** Lists in a header: things with commas between them. */
import { z } from "zod";

/** Things in one list. */
const maxLength = 100;

/** A comma between parentheses belongs to the thing that it is in: `Bash(echo a, b)`. */
export function listOf<T extends z.ZodType<string, string>>(item: T) {
  return z
    .string()
    .max(16 * 1024)
    .transform((text) =>
      [...text.matchAll(/(?:[^,(]|\([^)]*\)?)+/g)].map(([part]) => part.trim()).filter((part) => part !== ""),
    )
    .pipe(z.array(item).min(1).max(maxLength));
}

/**
 * The CLI's permission rules: https://code.claude.com/docs/en/settings#permission-rule-syntax. They go onto a command
 * line, where a dash at the beginning would make an option of one.
 */
export const toolRules = listOf(
  z
    .string()
    .max(1024)
    .regex(/^[A-Za-z_*][\w*.:-]*(\([^\n]*\))?$/, "must be tools, such as Read or Bash(git *), with commas between"),
);
