/** A client of `/v1/messages` that has tools of its own, and keeps the history as such clients do. */
import type { TestLodge } from "./lodge.ts";

export interface Block {
  type: string;
  [field: string]: unknown;
}

export interface Call extends Block {
  type: "tool_use";
  id: string;
  name: string;
  input: unknown;
}

export interface WireMessage {
  role: "user" | "assistant";
  content: string | Block[];
}

interface Usage {
  input_tokens: number;
  output_tokens: number;
}

export interface ToolReply {
  status: number;
  source: string | null;
  session: string | null;
  content: Block[];
  calls: Call[];
  text: string;
  stopReason: string | undefined;
  usage: Usage | undefined;
  /** Of a failure. */
  error: { type: string; message: string } | undefined;
}

export const tool = (name: string, properties: Record<string, unknown> = {}) => ({
  name,
  description: `The tool ${name}.`,
  input_schema: { type: "object", properties },
});

export const result = (id: string, content: string | Block[], isError = false): Block => ({
  type: "tool_result",
  tool_use_id: id,
  content,
  ...(isError ? { is_error: true } : {}),
});

export interface ToolClientOptions {
  tools?: object[];
  headers?: Record<string, string>;
  model?: string;
}

export class ToolClient {
  messages: WireMessage[] = [];
  tools: object[];
  /** Added to every body. */
  extra: Record<string, unknown> = {};
  readonly #lodge: TestLodge;
  readonly #options: ToolClientOptions;

  constructor(lodge: TestLodge, options: ToolClientOptions = {}) {
    this.#lodge = lodge;
    this.#options = options;
    this.tools = options.tools ?? [];
  }

  /** The calls of the last reply. */
  get calls(): Call[] {
    const last = this.messages.at(-1);
    return last?.role === "assistant" ? callsOf(last.content) : [];
  }

  say(content: string | Block[]): Promise<ToolReply> {
    return this.send([...this.messages, { role: "user", content }]);
  }

  /** Answers every open call, in their order, and says something more if it is given. */
  answer(make: (call: Call) => string, ...more: Block[]): Promise<ToolReply> {
    return this.say([...this.calls.map((call) => result(call.id, make(call))), ...more]);
  }

  body(messages: WireMessage[]): Record<string, unknown> {
    return {
      model: this.#options.model ?? "sonnet",
      max_tokens: 1_000_000,
      messages,
      ...(this.tools.length === 0 ? {} : { tools: this.tools }),
      ...this.extra,
    };
  }

  /** What was answered becomes part of the history; a failure does not. */
  async send(messages: WireMessage[]): Promise<ToolReply> {
    const reply = await this.post(messages);
    if (reply.status === 200) this.messages = [...messages, { role: "assistant", content: reply.content }];
    return reply;
  }

  /** Like `send`, and forgets the answer. */
  async post(messages: WireMessage[]): Promise<ToolReply> {
    const response = await this.#lodge.post("/v1/messages", this.body(messages), this.#options.headers);
    const body = (await response.json()) as {
      content?: Block[];
      stop_reason?: string;
      usage?: Usage;
      error?: { type: string; message: string };
    };
    const content = body.content ?? [];
    return {
      status: response.status,
      source: response.headers.get("x-lodge-session-source"),
      session: response.headers.get("x-claude-session"),
      content,
      calls: callsOf(content),
      text: content.map((block) => (block.type === "text" ? String(block["text"]) : "")).join(""),
      stopReason: body.stop_reason,
      usage: body.usage,
      error: body.error,
    };
  }
}

const callsOf = (content: string | Block[]): Call[] =>
  typeof content === "string" ? [] : (content.filter(({ type }) => type === "tool_use") as Call[]);
