/**
 * A stand-in for the CLI's process where a test needs thousands of them in any order: it keeps real transcripts, and
 * answers with a digest of everything that it was told, so that one wrong word in a history changes the answer. To
 * `call N` it answers with N calls of a tool of the client's, and to their results with a digest again.
 */
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { type AssistantBlock, type Message, textOf, type ToolResultBlock, type UserBlock } from "../conversation.ts";
import type { Driver, DriverStart, ProcessInfo } from "../drivers/driver.ts";
import { SessionError } from "../errors.ts";
import { noUsage, type SessionEvent } from "../events.ts";
import { transcriptPath } from "../transcripts/location.ts";

interface Record {
  type: "user" | "assistant";
  uuid: string;
  message: { role: string; content: string | Block[] };
}

/** As far as it is read here. */
interface Block {
  type: string;
  text?: string;
  id?: string;
  tool_use_id?: string;
  content?: Block[];
}

export interface FakeCliOptions {
  configDir: string;
  /** Awaited at every step of a process; may fail to let it die there. */
  step: (label: string) => Promise<void>;
}

/** What it answers to a conversation whose last message is the user's. */
export function expectedAnswer(messages: readonly { role: string; text: string }[]): string {
  const digest = createHash("sha256");
  for (const { role, text } of messages) digest.update(`${role}:${text}\n`);
  return `answer ${messages.length} ${digest.digest("hex").slice(0, 16)}`;
}

/** Every process of one test. */
export class FakeCli {
  readonly #options: FakeCliOptions;
  /** Session ids that have a process at this moment. */
  readonly live = new Map<string, FakeDriver>();
  /** What went wrong that no caller would notice. */
  readonly violations: string[] = [];
  /** Each call that a process was given a result for, with that result. */
  readonly answered = new Map<string, string[]>();
  started = 0;

  constructor(options: FakeCliOptions) {
    this.#options = options;
  }

  readonly start = (start: DriverStart): Driver => {
    this.started++;
    if (this.live.has(start.sessionId)) this.violations.push(`two processes for session ${start.sessionId}`);
    const driver = new FakeDriver(start, this.#options, this);
    this.live.set(start.sessionId, driver);
    return driver;
  };
}

class FakeDriver implements Driver {
  readonly pid = undefined;
  readonly exited: Promise<number | null>;
  readonly lastActivity = 0;
  readonly ready: Promise<ProcessInfo>;
  readonly #sessionId: string;
  readonly #path: string;
  readonly #step: FakeCliOptions["step"];
  readonly #cli: FakeCli;
  readonly #exit = Promise.withResolvers<number | null>();
  /** Whether its transcript ends in a message that it is to answer by itself. */
  readonly #answering: boolean;
  /** Calls that it waits for, and how it is told of results. */
  readonly #calls = new Map<string, (result: string) => void>();
  #lost = false;
  #inTurn = false;
  #gone: SessionError | undefined;

  constructor({ plan, sessionId, origin }: DriverStart, { configDir, step }: FakeCliOptions, cli: FakeCli) {
    this.#sessionId = sessionId;
    this.#path = transcriptPath(configDir, plan.fixed.cwd, sessionId);
    this.#step = step;
    this.#cli = cli;
    this.exited = this.#exit.promise;
    this.#answering = origin.type === "resume" && origin.answering !== undefined;
    mkdirSync(dirname(this.#path), { recursive: true });
    if (origin.type === "fork") {
      const source = readRecords(transcriptPath(configDir, plan.fixed.cwd, origin.sessionId));
      const end = source.findIndex((record) => record.uuid === origin.at);
      if (end < 0) this.#lost = true;
      writeFileSync(
        this.#path,
        source
          .slice(0, end + 1)
          .map(line)
          .join(""),
      );
    } else if (origin.type === "resume") {
      this.#lost = !existsSync(this.#path);
    }
    this.ready = step(`start ${sessionId}`).then(() => ({ version: "fake", models: [], account: "fake" }));
    this.ready.catch(() => this.#die());
  }

  async *turn(input: readonly UserBlock[]): AsyncGenerator<SessionEvent> {
    if (this.#inTurn) this.#cli.violations.push(`two turns at once in ${this.#sessionId}`);
    this.#inTurn = true;
    try {
      await this.#alive("turn");
      if (this.#lost) throw new SessionError("transcript_unreadable", "lost");
      if (!this.#answering) this.#append(userRecord(textOf(input)));
      yield { type: "started", sessionId: this.#sessionId, model: "fake", tools: [] };
      const [, count] = /^call (\d)$/.exec(textOf(input)) ?? [];
      if (count !== undefined && !this.#answering) yield* this.#callTools(Number(count));
      await this.#alive("model");
      const history = readRecords(this.#path).map(({ message }) => ({
        role: message.role,
        text: textOfRecord(message),
      }));
      const text = expectedAnswer(history);
      const uuid = crypto.randomUUID();
      yield { type: "message_start", id: `msg_${uuid}`, model: "fake", usage: noUsage };
      yield { type: "block_start", index: 0, block: { type: "text" } };
      yield { type: "block_delta", index: 0, delta: { type: "text", text } };
      this.#append({ type: "assistant", uuid, message: { role: "assistant", content: [{ type: "text", text }] } });
      yield { type: "assistant", uuid, content: [{ type: "text", text }] };
      yield { type: "block_stop", index: 0 };
      yield { type: "message_stop", stopReason: "end_turn", stopSequence: null, usage: noUsage };
      await this.#alive("result");
      yield {
        type: "result",
        sessionId: this.#sessionId,
        stopReason: "end_turn",
        stopSequence: null,
        text,
        usage: noUsage,
        costUsd: 0,
        durationMs: 0,
        modelCalls: 1,
        raw: {},
      };
    } finally {
      this.#inTurn = false;
    }
  }

  async *#callTools(count: number): AsyncGenerator<SessionEvent> {
    await this.#alive("calls");
    const content: AssistantBlock[] = Array.from({ length: count }, () => ({
      type: "tool_use",
      id: `toolu_${crypto.randomUUID()}`,
      name: "t",
      input: {},
    }));
    const uuid = crypto.randomUUID();
    const results: Promise<[string, string]>[] = [];
    yield { type: "message_start", id: `msg_${uuid}`, model: "fake", usage: noUsage };
    for (const [index, block] of content.entries()) {
      if (block.type !== "tool_use") continue;
      const { promise, resolve } = Promise.withResolvers<string>();
      this.#calls.set(block.id, resolve);
      results.push(promise.then((result) => [block.id, result]));
      yield { type: "block_start", index, block: { type: "tool_use", id: block.id, name: block.name }, byClient: true };
      yield { type: "block_stop", index };
    }
    this.#append({ type: "assistant", uuid, message: { role: "assistant", content } });
    yield { type: "assistant", uuid, content };
    yield { type: "message_stop", stopReason: "tool_use", stopSequence: null, usage: noUsage };
    for (const [id, result] of await Promise.all(results)) {
      this.#append({
        type: "user",
        uuid: crypto.randomUUID(),
        message: {
          role: "user",
          content: [{ type: "tool_result", tool_use_id: id, content: [{ type: "text", text: result }] }],
        },
      });
    }
  }

  abandonTurn(error: SessionError): void {
    this.#gone = error;
  }

  giveResults(results: readonly ToolResultBlock[]): void {
    for (const { tool_use_id: id, content } of results) {
      const text = textOf(content);
      this.#cli.answered.set(id, [...(this.#cli.answered.get(id) ?? []), text]);
      const take = this.#calls.get(id);
      if (!take) this.#cli.violations.push(`a result for ${id}, which ${this.#sessionId} does not wait for`);
      this.#calls.delete(id);
      take?.(text);
    }
  }
  async say(input: readonly UserBlock[]): Promise<void> {
    this.#append(userRecord(textOf(input)));
  }
  async interrupt(): Promise<void> {}
  async adjust(): Promise<void> {
    await this.#alive("adjust");
  }
  async answer(): Promise<void> {}

  async end(): Promise<void> {
    this.#gone ??= new SessionError("process_died", "ended");
    await this.#step("end").catch(() => {});
    this.#die();
  }

  async #alive(label: string): Promise<void> {
    if (this.#gone) throw this.#gone;
    try {
      await this.#step(`${label} ${this.#sessionId}`);
    } catch {
      this.#die();
    }
    if (this.#gone) throw this.#gone;
  }

  #die(): void {
    this.#gone ??= new SessionError("process_died", "died");
    if (this.#cli.live.get(this.#sessionId) === this) this.#cli.live.delete(this.#sessionId);
    this.#exit.resolve(null);
  }

  #append(record: Record): void {
    appendFileSync(this.#path, line(record));
  }
}

const userRecord = (content: string): Record => ({
  type: "user",
  uuid: crypto.randomUUID(),
  message: { role: "user", content },
});

const line = (record: Record): string => `${JSON.stringify(record)}\n`;

function readRecords(path: string): Record[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((text) => text !== "")
    .map((text) => JSON.parse(text) as Record);
}

function textOfRecord({ content }: Record["message"]): string {
  return typeof content === "string" ? content : content.map((block) => block.text ?? wordsOf(block)).join("");
}

function wordsOf({ type, id, tool_use_id: answered, content = [] }: Block): string {
  return `(${type} ${id ?? answered ?? ""} ${content.map(({ text }) => text ?? "").join("")})`;
}

/** A text message. */
export const say = (role: "user" | "assistant", text: string): Message => ({ role, content: [{ type: "text", text }] });
