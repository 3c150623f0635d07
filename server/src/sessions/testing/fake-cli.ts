/**
 * A stand-in for the CLI's process where a test needs thousands of them in any order: it keeps real transcripts, and
 * answers with a digest of everything that it was told, so that one wrong word in a history changes the answer.
 */
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { type Message, textOf, type UserBlock } from "../conversation.ts";
import type { Driver, DriverStart, ProcessInfo } from "../drivers/driver.ts";
import { SessionError } from "../errors.ts";
import { noUsage, type SessionEvent } from "../events.ts";
import { transcriptPath } from "../transcripts/location.ts";

interface Record {
  type: "user" | "assistant";
  uuid: string;
  message: { role: string; content: string | { type: string; text?: string }[] };
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
  readonly exited: Promise<void>;
  readonly lastActivity = 0;
  readonly ready: Promise<ProcessInfo>;
  readonly #sessionId: string;
  readonly #path: string;
  readonly #step: FakeCliOptions["step"];
  readonly #cli: FakeCli;
  readonly #exit = Promise.withResolvers<void>();
  #lost = false;
  #inTurn = false;
  #gone: SessionError | undefined;

  constructor({ plan, sessionId, origin }: DriverStart, { configDir, step }: FakeCliOptions, cli: FakeCli) {
    this.#sessionId = sessionId;
    this.#path = transcriptPath(configDir, plan.fixed.cwd, sessionId);
    this.#step = step;
    this.#cli = cli;
    this.exited = this.#exit.promise;
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
      this.#append({ type: "user", uuid: crypto.randomUUID(), message: { role: "user", content: textOf(input) } });
      yield { type: "started", sessionId: this.#sessionId, model: "fake", tools: [] };
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

  abandonTurn(error: SessionError): void {
    this.#gone = error;
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
    this.#exit.resolve();
  }

  #append(record: Record): void {
    appendFileSync(this.#path, line(record));
  }
}

const line = (record: Record): string => `${JSON.stringify(record)}\n`;

function readRecords(path: string): Record[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((text) => text !== "")
    .map((text) => JSON.parse(text) as Record);
}

function textOfRecord({ content }: Record["message"]): string {
  return typeof content === "string" ? content : content.map((block) => block.text ?? "").join("");
}

/** A text message. */
export const say = (role: "user" | "assistant", text: string): Message => ({ role, content: [{ type: "text", text }] });
