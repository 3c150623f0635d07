/** Every message of a run, for a client that asked for all of them. Bounded: a long run reads many files. */
import type { AssistantBlock, SessionEvent } from "../sessions/index.ts";

/** Characters kept of all messages together; past that, texts are left out and marked. */
const capacity = 16 * 1024 * 1024;

interface TextPart {
  type: "text";
  text: string;
}
type AssistantPart =
  | TextPart
  | { type: "thinking"; thinking: string }
  | { type: "tool_use"; id: string; name: string; input: unknown };

interface ToolResultPart {
  type: "toolResult";
  toolUseId: string;
  isError: boolean;
  content: string;
  truncated?: true;
}

/** Names and roles are those of an earlier system, whose clients read them. */
export type Turn = { role: "assistant"; content: AssistantPart[] } | { role: "tool_result"; content: ToolResultPart[] };

export class Turns {
  readonly #turns: Turn[] = [];
  #room = capacity;

  get all(): readonly Turn[] {
    return this.#turns;
  }

  push(event: SessionEvent): void {
    if (event.type === "assistant") {
      for (const block of event.content) this.#assistant(block);
    } else if (event.type === "tool_result") {
      const text = event.result.content.map((part) => (part.type === "text" ? part.text : `[${part.type}]`)).join("\n");
      const content = this.#fit(text);
      this.#results().push({
        type: "toolResult",
        toolUseId: event.result.tool_use_id,
        isError: event.result.is_error,
        content,
        ...(content.length < text.length ? { truncated: true } : {}),
      });
    }
  }

  #assistant(block: AssistantBlock): void {
    switch (block.type) {
      case "text":
        return void this.#parts().push({ type: "text", text: this.#fit(block.text) });
      case "thinking":
        return void this.#parts().push({ type: "thinking", thinking: this.#fit(block.thinking) });
      case "tool_use": {
        const { id, name, input } = block;
        const size = JSON.stringify(input)?.length ?? 0;
        const fits = size <= this.#room;
        this.#room -= fits ? size : 0;
        return void this.#parts().push({ type: "tool_use", id, name, input: fits ? input : {} });
      }
      case "redacted_thinking":
    }
  }

  #fit(text: string): string {
    const kept = text.slice(0, this.#room);
    this.#room -= kept.length;
    return kept;
  }

  /** The CLI tells of each block apart; those between two tool results are one message. */
  #parts(): AssistantPart[] {
    const last = this.#turns.at(-1);
    if (last?.role === "assistant") return last.content;
    const content: AssistantPart[] = [];
    this.#turns.push({ role: "assistant", content });
    return content;
  }

  #results(): ToolResultPart[] {
    const last = this.#turns.at(-1);
    if (last?.role === "tool_result") return last.content;
    const content: ToolResultPart[] = [];
    this.#turns.push({ role: "tool_result", content });
    return content;
  }
}
