// The CLI writes to the model in the user's name: reminders, interruption marks, retries, notices. None of it is the
// user's, so none of it may be counted, recalled or obeyed as such. The wordings below are those of CLI 2.1.329, and of
// Codex 0.169 where it is the client: it puts an `<environment_context>` before the user's first words.

/**
 * What a text in the user's name, but not by the user, wants:
 * - `mark`: nothing, it only says what is or was (an interruption, a local command, where an image came from)
 * - `notice`: an acknowledgement (a background task ended, a stop hook spoke)
 * - `again`: the same request answered again
 * - `resume`: the answer continued from where it was cut
 * - `summary`, `suggestion`, `recap`: side calls about the conversation, not part of it
 */
export type MachineText = "mark" | "notice" | "again" | "resume" | "summary" | "suggestion" | "recap";

const OPENINGS: readonly (readonly [RegExp, MachineText])[] = [
  [/^\[Request interrupted/, "mark"],
  [/^\[Image: [^\]]*\]\s*$/, "mark"],
  [/^<(?:local-command-[a-z]+|command-(?:name|message|args|contents)|bash-(?:input|stdout|stderr))>/, "mark"],
  [/^This session is being continued from /, "mark"],
  [/^<environment_context>[\s\S]*<\/environment_context>\s*$/, "mark"],
  [/^(?:<task-notification>|Stop hook feedback)/, "notice"],
  [/^\[structured-output-enforce\]/, "again"],
  [/^Your response above was stopped by a safety classifier/, "again"],
  [/^(?:The previous response failed to produce a valid tool call|Your tool call was malformed)/, "again"],
  [/^(?:Output token limit hit|Your response was cut off because|Your response above was cut off)/, "resume"],
  [/^Continue from where you left off\./, "resume"],
  [/^CRITICAL: Respond with TEXT ONLY/, "summary"],
  [/^\[SUGGESTION MODE/, "suggestion"],
  [/^The user stepped away and is coming back/, "recap"],
];

export function machineText(text: string): MachineText | undefined {
  const opening = text.trimStart();
  return OPENINGS.find(([pattern]) => pattern.test(opening))?.[1];
}

const REMINDER = /\s*<system-reminder>[\s\S]*?<\/system-reminder>\s*/g;

/** The text without the CLI's reminders. A text that has none is returned exactly as it is, white space included. */
export function withoutReminders(text: string): string {
  return text.includes("<system-reminder>") ? text.replace(REMINDER, "\n").trim() : text;
}

/**
 * The texts of a tool's result. To a model that takes no messages of role `system` the CLI adds its reminders as blocks of
 * the result, and ends the text before them with a newline.
 */
export function textsWithoutReminders(texts: readonly string[]): string[] {
  const own: string[] = [];
  for (const text of texts) {
    const left = withoutReminders(text);
    if (left === "" && text !== "") own.push(own.pop()?.replace(/\n$/, "") ?? "");
    else own.push(left);
  }
  return own;
}

const QUEUED = /^The user sent a new message while you were working:\n([\s\S]*?)\n\nThis is how Claude Code /;

/** What the user said while the model was at work: the CLI passes it on inside a message of role `system`. */
export function queuedText(text: string): string | undefined {
  return QUEUED.exec(text)?.[1];
}
