/**
 * Permission prompts and questions, as the CLI tells them by hook while it shows them on its screen. Whoever answers
 * first decides: the hook's answer, or a key pressed in the terminal.
 */
import type { PermissionResult } from "@anthropic-ai/claude-agent-sdk";
import type { Answer, Prompt } from "../../prompts.ts";
import { HeldPermissions } from "../stream/permissions.ts";
import type { HookCall } from "./hooks.ts";

/** Calls of tools that may still ask for permission; older ones are forgotten. */
const recentCapacity = 64;

export class HookPermissions {
  readonly #held: HeldPermissions;
  #prompts: readonly Prompt[] = [];
  /** Tool calls by name and input: the request for permission does not say which call it is for. */
  readonly #recent = new Map<string, string>();
  readonly #waiting = new Map<string, AbortController>();

  constructor(onChange: (prompts: readonly Prompt[]) => void) {
    this.#held = new HeldPermissions((prompts) => {
      this.#prompts = prompts;
      onChange(prompts);
    });
  }

  get prompts(): readonly Prompt[] {
    return this.#prompts;
  }

  answer(promptId: string, answer: Answer): void {
    this.#held.answer(promptId, answer);
  }

  /** A tool is about to be called. */
  called(call: Extract<HookCall, { hook_event_name: "PreToolUse" }>): void {
    this.#recent.set(keyOf(call), call.tool_use_id);
    const [oldest] = this.#recent.keys();
    if (this.#recent.size > recentCapacity && oldest !== undefined) this.#recent.delete(oldest);
  }

  /** Resolves with the hook's answer once somebody has decided; null when the CLI has its answer from elsewhere. */
  async ask(
    call: Extract<HookCall, { hook_event_name: "PermissionRequest" }>,
    signal: AbortSignal,
  ): Promise<object | null> {
    const id = this.#recent.get(keyOf(call)) ?? crypto.randomUUID();
    const withdrawn = new AbortController();
    this.#waiting.set(id, withdrawn);
    const result = await this.#held.ask(call.tool_name, call.tool_input, {
      signal: AbortSignal.any([signal, withdrawn.signal]),
      toolUseID: id,
      requestId: id,
    });
    this.#waiting.delete(id);
    return signal.aborted || withdrawn.signal.aborted || result === null ? null : decision(result);
  }

  /** The call is done, or refused: nobody needs to decide it any more. */
  settled(toolUseId: string): void {
    this.#waiting.get(toolUseId)?.abort();
  }

  /** The turn is over. */
  withdrawAll(): void {
    for (const waiting of this.#waiting.values()) waiting.abort();
    this.#recent.clear();
  }
}

function decision(result: PermissionResult): object {
  return {
    hookSpecificOutput: {
      hookEventName: "PermissionRequest",
      decision:
        result.behavior === "allow"
          ? { behavior: "allow", ...(result.updatedInput ? { updatedInput: result.updatedInput } : {}) }
          : { behavior: "deny", message: result.message },
    },
  };
}

const keyOf = ({ tool_name, tool_input }: { tool_name: string; tool_input?: unknown }): string =>
  JSON.stringify([tool_name, tool_input]);
