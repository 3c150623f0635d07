/**
 * Structured output as a client is to see it. The CLI has the model give its answer as the input of a tool of the CLI's own,
 * checks it, and asks again where it does not fit: that input is a draft. Here the draft becomes the text of the reply, and
 * its only text: whatever the model says beside it is left out.
 */
import type { SessionEvent, StopReason } from "./events.ts";

type BlockStart = Extract<SessionEvent, { type: "block_start" }>;
type Result = Extract<SessionEvent, { type: "result" }>;

/** What the CLI calls that tool. A client's tool of the same name is not it. */
const draftTool = "StructuredOutput";

/** The call that a block begins, when it is a draft. */
export const draftOf = ({ block, byClient = false }: BlockStart): string | null =>
  block.type === "tool_use" && block.name === draftTool && !byClient ? block.id : null;

interface Draft {
  id: string;
  /** JSON, as far as it has come. */
  text: string;
  /** Undefined until the CLI has looked at it. */
  verdict: "taken" | { rejected: string } | undefined;
}

/** Why a reply is over although its turn goes on. */
export type EarlyEnd =
  /** What was shown did not fit; the model is asked for another, which could only be shown after it. */
  | { type: "rejected"; why: string }
  /** What was shown is not whole, and never will be. */
  | { type: "cut"; stopReason: StopReason };

export class Structured {
  readonly #live: boolean;
  #draft: Draft | undefined;
  /** The kind of the block that is open. */
  #open: "draft" | "words" | "hidden" | "other" = "other";
  #shown = false;
  #text = "";
  #words = "";
  #clientCalls = false;
  #stopReason: StopReason | null = null;
  #early: EarlyEnd | null = null;

  /** @param options.live whether a draft is shown as it is written, and so only the first; otherwise the one that is taken is */
  constructor({ live }: { live: boolean }) {
    this.#live = live;
  }

  /** The document as it is shown; null when none is. */
  get document(): string | null {
    return this.#shown ? this.#text : null;
  }

  /** What the model said in words in its latest message. */
  get words(): string {
    return this.#words;
  }

  /** Set when no more is to be shown though the turn goes on. */
  get early(): EarlyEnd | null {
    return this.#early;
  }

  /** The same event as it would be if the model just said its document; or several, or none. */
  push(event: SessionEvent): SessionEvent[] {
    switch (event.type) {
      case "message_start":
        this.#words = "";
        this.#clientCalls = false;
        this.#stopReason = null;
        return [event];
      case "block_start":
        return this.#blockStart(event);
      case "block_delta":
        if (this.#open === "draft" && event.delta.type === "input_json") return this.#write(event.delta.json);
        if (this.#open === "words" && event.delta.type === "text") this.#words += event.delta.text;
        return this.#open === "other" ? [event] : [];
      case "block_stop":
        return this.#blockStop(event);
      case "tool_result":
        return [...this.#judge(event.result), event];
      case "message_stop":
        return this.#messageStop(event);
      case "result":
        return [...this.#last(event), { ...event, text: "" }];
      case "started":
      case "assistant":
      case "retry":
      case "calls_held":
        return [event];
    }
  }

  #blockStart(event: BlockStart): SessionEvent[] {
    const id = draftOf(event);
    if (id === null) {
      this.#clientCalls ||= event.byClient ?? false;
      this.#open = event.block.type === "text" ? "words" : "other";
      return this.#open === "other" ? [event] : [];
    }
    const isLast = this.#draft && (this.#live || typeof this.#draft.verdict !== "object");
    this.#open = isLast ? "hidden" : "draft";
    if (isLast) return [];
    this.#draft = { id, text: "", verdict: undefined };
    if (!this.#live) return [];
    this.#shown = true;
    return [{ type: "block_start", index: event.index, block: { type: "text" } }];
  }

  #write(json: string): SessionEvent[] {
    if (!this.#draft || json === "") return [];
    this.#draft.text += json;
    if (!this.#live) return [];
    this.#text = this.#draft.text;
    return [{ type: "block_delta", index: 0, delta: { type: "text", text: json } }];
  }

  #blockStop(event: SessionEvent): SessionEvent[] {
    const visible = this.#open === "other" || (this.#open === "draft" && this.#live);
    this.#open = "other";
    return visible ? [event] : [];
  }

  #judge(result: Extract<SessionEvent, { type: "tool_result" }>["result"]): SessionEvent[] {
    const draft = this.#draft;
    if (draft?.id !== result.tool_use_id) return [];
    const said = result.content.map((part) => (part.type === "text" ? part.text : "")).join("");
    draft.verdict = result.is_error ? { rejected: said } : "taken";
    this.#endEarly();
    return draft.verdict === "taken" ? this.#show(draft.text) : [];
  }

  #messageStop(event: Extract<SessionEvent, { type: "message_stop" }>): SessionEvent[] {
    this.#stopReason = event.stopReason;
    this.#endEarly();
    // The reply ends with this message, and the verdict may come after it.
    const pending = this.#clientCalls && this.#draft && typeof this.#draft.verdict !== "object";
    return [...(pending ? this.#show(this.#draft?.text ?? "") : []), event];
  }

  /** The verdict may come before the message is over, and what the message ended with tells why. */
  #endEarly(): void {
    if (!this.#live || !this.#draft || this.#stopReason === null || this.#draft.verdict === "taken") return;
    const { verdict } = this.#draft;
    if (isCut(this.#stopReason)) this.#early ??= { type: "cut", stopReason: this.#stopReason };
    else if (verdict) this.#early ??= { type: "rejected", why: verdict.rejected };
  }

  /** What is left to show at the end: a refusal in words, or the best there is of a document. */
  #last({ stopReason, raw }: Result): SessionEvent[] {
    if (this.#shown) return [];
    if (stopReason === "refusal") return this.#words === "" ? [] : textBlock(this.#words, true);
    const answer = raw["structured_output"];
    if (answer !== undefined) return this.#show(JSON.stringify(answer));
    return this.#draft ? this.#show(this.#draft.text) : [];
  }

  #show(text: string): SessionEvent[] {
    if (this.#shown) return [];
    this.#shown = true;
    this.#text = text;
    return textBlock(text, false);
  }
}

const isCut = (reason: StopReason): boolean => reason === "max_tokens" || reason === "model_context_window_exceeded";

const textBlock = (text: string, refusal: boolean): SessionEvent[] => [
  { type: "block_start", index: 0, block: { type: "text" }, ...(refusal ? { refusal } : {}) },
  { type: "block_delta", index: 0, delta: { type: "text", text } },
  { type: "block_stop", index: 0 },
];
