/** Entries made up for unit tests. */
import type { TranscriptEntry } from "@lodge/shared";

const message = (id: string, outputTokens = 5) => ({
  id,
  model: "sonnet",
  inputTokens: 100,
  outputTokens,
  cacheReadTokens: 20,
  cacheCreationTokens: 3,
});

const day = Date.UTC(2026, 10, 21, 12);
const common = (id: string, second: number) => ({ id, at: day + second * 1000, sidechain: false });

export const user = (id: string, second: number): TranscriptEntry => ({
  ...common(id, second),
  kind: "user",
  text: id,
  attachments: [],
});

export const text = (id: string, second: number, tokens?: number): Extract<TranscriptEntry, { kind: "text" }> => ({
  ...common(id, second),
  kind: "text",
  text: id,
  message: message(`message of ${id}`, tokens),
});

export const call = (
  id: string,
  second: number,
  name = "Bash",
  input = {},
): Extract<TranscriptEntry, { kind: "tool_call" }> => ({
  ...common(id, second),
  kind: "tool_call",
  callId: `call ${id}`,
  name,
  input,
  message: message(`message of ${id}`),
});

export const result = (of: string, second: number): Extract<TranscriptEntry, { kind: "tool_result" }> => ({
  ...common(`result ${of}`, second),
  kind: "tool_result",
  callId: `call ${of}`,
  text: "done",
  isError: false,
  attachments: [],
});
