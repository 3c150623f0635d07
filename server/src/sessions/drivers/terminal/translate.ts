/** From the records of a transcript to the events of one turn: a message's blocks come whole, each as one piece. */
import type { AssistantBlock, ToolResultBlock } from "../../conversation.ts";
import { SessionError } from "../../errors.ts";
import { noUsage, type SessionEvent, type StopReason, type Usage } from "../../events.ts";
import type { TranscriptRecord } from "../../transcripts/tail.ts";
import { apiFailure } from "../failure.ts";
import { type AssistantRecord, assistantRecord, isRequest, modelOf, toolResultsOf } from "./records.ts";

/** Of the model message that is under way. */
interface OpenMessage {
  id: string;
  usage: Usage;
  stopReason: StopReason | null;
  stopSequence: string | null;
  blocks: number;
  text: string;
}

/** The reasons after which the CLI does not call the model again by itself. */
const closing = new Set<StopReason>([
  "end_turn",
  "max_tokens",
  "stop_sequence",
  "refusal",
  "model_context_window_exceeded",
]);

export class TurnTranslator {
  /** Full name of the model, once a record has told. */
  model: string | undefined;
  readonly #sessionId: string;
  readonly #promptId: string | undefined | null;
  readonly #startedAt: number;
  readonly #seen = new Set<string>();
  readonly #usage: Usage = { ...noUsage };
  #open: boolean;
  #message: OpenMessage | undefined;
  #last: OpenMessage | undefined;
  #lastRecord: Readonly<Record<string, unknown>> = {};
  /** Results that came while their message was not complete yet. */
  #results: SessionEvent[] = [];
  #calls = 0;

  /**
   * @param promptId the CLI's own name for the prompt of this turn: what comes before its record belongs to others.
   * Null for a turn that is nobody's: it begins with the first record
   * @param startedAt milliseconds since the epoch
   */
  constructor(sessionId: string, promptId: string | undefined | null, startedAt: number) {
    this.#sessionId = sessionId;
    this.#promptId = promptId;
    this.#startedAt = startedAt;
    this.#open = promptId === null;
  }

  /** The model has said all that it will in this turn, unless the CLI makes it go on, or more of it is to be recorded. */
  get closed(): boolean {
    const reason = this.#message?.stopReason;
    return reason !== null && reason !== undefined && closing.has(reason);
  }

  /** The model refused. Records of the CLI's own follow, which call that an error. */
  get refused(): boolean {
    return this.#message?.stopReason === "refusal";
  }

  /** What the last message said, as far as it is recorded. */
  get text(): string {
    return this.#message?.text ?? "";
  }

  /** @throws SessionError when the record ends the turn in failure */
  translate(record: TranscriptRecord): SessionEvent[] {
    this.model = modelOf(record) ?? this.model;
    if (record["isSidechain"] === true) return [];
    // Every record of a message says how the message ends, so that none tells which is its last: the next request does.
    if (isRequest(record)) return this.#stopMessage();
    if (record.type === "user") return this.#user(record);
    if (record.type === "assistant" && this.#open) {
      const assistant = assistantRecord(record);
      // A file that was replaced is read again from its beginning.
      if (!assistant || this.#seen.has(assistant.uuid)) return [];
      this.#seen.add(assistant.uuid);
      return this.#assistant(assistant, record);
    }
    return [];
  }

  /** The turn's end, from the records so far; `text` stands in when the last message never was recorded. */
  finish(now: number, text?: string): SessionEvent[] {
    const events = this.#stopMessage();
    const last = this.#last;
    events.push({
      type: "result",
      sessionId: this.#sessionId,
      stopReason: last?.stopReason ?? "end_turn",
      stopSequence: last?.stopSequence ?? null,
      text: text ?? last?.text ?? "",
      usage: { ...this.#usage },
      // The transcript tells costs when the process ends, not turn by turn.
      costUsd: 0,
      durationMs: now - this.#startedAt,
      modelCalls: this.#calls,
      raw: this.#lastRecord,
    });
    return events;
  }

  #user(record: TranscriptRecord): SessionEvent[] {
    const { results, interrupted } = toolResultsOf(record);
    if (record["promptId"] === this.#promptId && results.length === 0 && record["isMeta"] !== true && !interrupted) {
      this.#open = true;
      return [];
    }
    if (!this.#open) return [];
    if (interrupted) throw new SessionError("aborted", "The turn was interrupted.");
    const uuid = String(record["uuid"]);
    if (this.#seen.has(uuid)) return [];
    this.#seen.add(uuid);
    this.#results.push(
      ...results.map((result: ToolResultBlock): SessionEvent => ({ type: "tool_result", uuid, result })),
    );
    return this.#message ? [] : this.#takeResults();
  }

  #assistant(record: AssistantRecord, raw: TranscriptRecord): SessionEvent[] {
    if (record.failure) throw apiFailure(record.failure);
    // What the CLI says in the model's place, such as that there was nothing to say.
    if (record.model === "<synthetic>") return [];
    const events: SessionEvent[] = [];
    if (this.#message?.id !== record.messageId) {
      events.push(...this.#stopMessage());
      this.#message = {
        id: record.messageId,
        usage: record.usage,
        stopReason: null,
        stopSequence: null,
        blocks: 0,
        text: "",
      };
      this.#calls++;
      events.push({ type: "message_start", id: record.messageId, model: record.model, usage: record.usage });
    }
    const message = this.#message;
    message.usage = record.usage;
    message.stopReason = record.stopReason;
    message.stopSequence = record.stopSequence;
    for (const [place, block] of record.content.entries()) {
      const index = message.blocks++;
      events.push(...openedBlock(index, block));
      // Where a stream has it too: the last block ends after the record that holds it.
      if (place === record.content.length - 1) {
        events.push({ type: "assistant", uuid: record.uuid, content: record.content });
      }
      events.push({ type: "block_stop", index });
      if (block.type === "text") message.text += block.text;
    }
    this.#lastRecord = raw;
    return events;
  }

  #stopMessage(): SessionEvent[] {
    const message = this.#message;
    if (!message) return [];
    this.#message = undefined;
    this.#last = message;
    for (const key of Object.keys(noUsage) as (keyof Usage)[]) this.#usage[key] += message.usage[key];
    const { stopReason, stopSequence, usage } = message;
    return [
      { type: "message_stop", stopReason: stopReason ?? "tool_use", stopSequence, usage },
      ...this.#takeResults(),
    ];
  }

  #takeResults(): SessionEvent[] {
    const results = this.#results;
    this.#results = [];
    return results;
  }
}

/** A block in the pieces that a stream would send it in, all but its end. */
function openedBlock(index: number, block: AssistantBlock): SessionEvent[] {
  const delta = (value: Extract<SessionEvent, { type: "block_delta" }>["delta"]): SessionEvent => ({
    type: "block_delta",
    index,
    delta: value,
  });
  switch (block.type) {
    case "text":
      return opened(index, { type: "text" }, block.text === "" ? [] : [delta({ type: "text", text: block.text })]);
    case "thinking":
      return opened(index, { type: "thinking" }, [
        delta({ type: "thinking", thinking: block.thinking }),
        delta({ type: "signature", signature: block.signature }),
      ]);
    case "redacted_thinking":
      return opened(index, { type: "redacted_thinking", data: block.data }, []);
    case "tool_use":
      return opened(index, { type: "tool_use", id: block.id, name: block.name }, [
        delta({ type: "input_json", json: JSON.stringify(block.input) }),
      ]);
  }
}

const opened = (
  index: number,
  block: Extract<SessionEvent, { type: "block_start" }>["block"],
  deltas: SessionEvent[],
): SessionEvent[] => [{ type: "block_start", index, block }, ...deltas];
