import { machineText, queuedText, textsWithoutReminders, withoutReminders, type MachineText } from "./machine-text.ts";
import { mediaOf, type Media } from "./media.ts";
import { blocksOf, resultBlocks, type ContentBlock, type Message } from "./request.ts";

/** One thing the user said: a text, with the images and documents that came with it. */
interface Turn {
  readonly text: string;
  readonly media: readonly Media[];
}

export interface ToolCall {
  readonly id: string;
  readonly name: string;
}

export interface ToolResult {
  readonly id: string;
  readonly text: string;
  readonly isError: boolean;
  readonly media: readonly Media[];
}

/** What the model has to react to. */
type Waiting =
  | { readonly kind: "user" }
  | { readonly kind: "results"; readonly calls: readonly ToolCall[]; readonly results: readonly ToolResult[] }
  | { readonly kind: "machine"; readonly says: MachineText };

export interface Conversation {
  readonly turns: readonly Turn[];
  readonly waiting: Waiting;
  /** What the model has said since the last turn began. */
  readonly said: string;
  /** Media in tool results since the turn before the last one began: what `describe` falls back on. */
  readonly recentResultMedia: readonly Media[];
}

interface OpenTurn {
  texts: string[];
  media: Media[];
}

/** Reads the wire's messages as the conversation that the user had, without what the CLI put between. */
export function readConversation(messages: readonly Message[]): Conversation {
  const reader = new Reader();
  for (const message of messages) {
    if (message.role === "assistant") reader.assistant(blocksOf(message.content));
    else if (message.role === "user") reader.user(blocksOf(message.content));
    else reader.system(blocksOf(message.content));
  }
  return reader.finish();
}

class Reader {
  readonly #turns: Turn[] = [];
  #open: OpenTurn | undefined;
  #said = "";
  #calls: ToolCall[] = [];
  #results: ToolResult[] = [];
  #machine: MachineText | undefined;
  #userSpoke = false;
  #assistantSpoke = false;
  #mediaBefore: readonly Media[] = [];
  #mediaSince: Media[] = [];

  assistant(blocks: readonly ContentBlock[]): void {
    this.#close();
    // Several assistant messages in a row are one: their calls are answered together.
    if (!this.#assistantSpoke) this.#calls = [];
    this.#assistantSpoke = true;
    for (const block of blocks) {
      if (block.type === "text") this.#said += block.text ?? "";
      if (block.type === "tool_use") this.#calls.push({ id: block.id ?? "", name: block.name ?? "" });
    }
  }

  user(blocks: readonly ContentBlock[]): void {
    this.#close();
    if (this.#assistantSpoke) this.#startRun();
    for (const [index, block] of blocks.entries()) {
      const media = mediaOf(block);
      if (media) this.#part().media.push(media);
      else if (block.type === "tool_result") this.#result(block);
      else if (block.type === "text") this.#text(block.text ?? "", index === blocks.length - 1);
    }
    this.#close();
  }

  /** Messages of role `system` are the CLI's own ("# Environment", tool changes), but for one sort. */
  system(blocks: readonly ContentBlock[]): void {
    for (const block of blocks) {
      const queued = queuedText(block.text ?? "");
      if (queued !== undefined) this.user([{ type: "text", text: queued }]);
    }
  }

  finish(): Conversation {
    this.#close();
    return {
      turns: this.#turns,
      waiting: this.#waiting(),
      said: this.#said,
      recentResultMedia: [...this.#mediaBefore, ...this.#mediaSince],
    };
  }

  #startRun(): void {
    this.#assistantSpoke = false;
    this.#userSpoke = false;
    this.#results = [];
    this.#machine = undefined;
  }

  #text(whole: string, isLast: boolean): void {
    const text = withoutReminders(whole);
    if (text.trim() === "") return;
    const machine = machineText(text);
    if (machine) {
      this.#close();
      if (machine !== "mark") this.#machine = machine;
      return;
    }
    // When the CLI sends several user messages as one (after a failed or interrupted turn nothing stands between
    // them), it ends each but the last with a newline. Without one, the blocks are parts of a single message.
    const merged = !isLast && text.endsWith("\n");
    this.#part().texts.push(merged ? text.slice(0, -1) : text);
    if (merged) this.#close();
  }

  #result(block: ContentBlock): void {
    this.#close();
    const inner = resultBlocks(block);
    const media = inner.flatMap((part) => mediaOf(part) ?? []);
    const text = textsWithoutReminders(inner.flatMap((part) => (part.type === "text" ? (part.text ?? "") : [])));
    this.#results.push({
      id: block.tool_use_id ?? "",
      text: text.join("\n"),
      isError: block.is_error === true,
      media,
    });
    this.#mediaSince.push(...media);
    // Whatever the user said before these results has led to them.
    this.#userSpoke = false;
  }

  #part(): OpenTurn {
    this.#open ??= { texts: [], media: [] };
    return this.#open;
  }

  #close(): void {
    if (!this.#open) return;
    this.#turns.push({ text: this.#open.texts.join("\n"), media: this.#open.media });
    this.#open = undefined;
    this.#userSpoke = true;
    this.#said = "";
    this.#mediaBefore = this.#mediaSince;
    this.#mediaSince = [];
  }

  #waiting(): Waiting {
    const says = this.#machine;
    if (says === "summary" || says === "suggestion" || says === "recap") return { kind: "machine", says };
    if (this.#userSpoke) return { kind: "user" };
    if (this.#results.length > 0) return { kind: "results", calls: this.#calls, results: this.#results };
    // Nothing but reminders came since the last answer (a background task that ended, say). Taking the user's text for
    // it once more would call the same tool for ever.
    return { kind: "machine", says: says ?? "notice" };
  }
}
