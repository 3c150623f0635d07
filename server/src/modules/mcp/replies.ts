import type { KeyScope } from "@lodge/shared";
/** What a tool answers: words for a model, the same as data for a program, and failures as a tool's own. */
import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import { requireScope } from "../../auth/caller.ts";
import { AccessError } from "../../auth/errors.ts";
import { ApiError } from "../../http/errors.ts";
import { JobError } from "../../jobs/errors.ts";
import { SessionError } from "../../sessions/index.ts";
import { WorkspaceError } from "../../workspaces/errors.ts";
import { BrokenUploadError, TooLargeError } from "../../workspaces/files/index.ts";
import type { McpServices } from "./server.ts";

/** @param text for a model; the data itself as JSON when absent */
export function reply(data: Record<string, unknown>, text = JSON.stringify(data, null, 2)): CallToolResult {
  return { content: [{ type: "text", text }], structuredContent: data };
}

/** Runs a tool; what it was not able to do is its answer, and what nobody expected is told to the log alone. */
async function attempt(
  work: () => Promise<CallToolResult>,
  onUnexpected: (error: unknown) => void,
): Promise<CallToolResult> {
  try {
    return await work();
  } catch (error) {
    return { content: [{ type: "text", text: messageOf(error) }], isError: true };
  }

  function messageOf(error: unknown): string {
    if (isExpected(error)) return error.message;
    onUnexpected(error);
    return "Something went wrong in the server.";
  }
}

/** The same for tools that need a scope. */
export const attemptWith =
  ({ caller, onUnexpected }: Pick<McpServices, "caller" | "onUnexpected">, scope: KeyScope) =>
  (work: () => Promise<CallToolResult>): Promise<CallToolResult> =>
    attempt(() => {
      requireScope(caller(), [scope]);
      return work();
    }, onUnexpected);

const expected = [AccessError, ApiError, JobError, SessionError, WorkspaceError, TooLargeError, BrokenUploadError];

const isExpected = (error: unknown): error is Error => expected.some((kind) => error instanceof kind);
