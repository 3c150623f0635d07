/** Sends a request as any client would, and tells what comes of it. */
import { dashboardHeader } from "@lodge/shared";
import { sseParser } from "../../lib/sse.ts";
import type { Change } from "./conversation.ts";
import type { ApiName, ChatRequest } from "./request.ts";

/** What the page needs of the two families' replies, whole or in pieces; everything else in them is left alone. */
interface Wire {
  error?: { message?: string } | null;
  // Chat Completions
  choices?: {
    delta?: { content?: string | null; reasoning_content?: string | null };
    message?: { content?: string | null };
    finish_reason?: string | null;
  }[];
  usage?: WireUsage | null;
  // Messages
  type?: string;
  message?: { usage?: WireUsage };
  delta?: { type?: string; text?: string; thinking?: string; stop_reason?: string | null };
  content?: { type: string; text?: string; thinking?: string }[];
  stop_reason?: string | null;
}

interface WireUsage {
  prompt_tokens?: number;
  completion_tokens?: number;
  input_tokens?: number;
  output_tokens?: number;
}

export interface SendOptions {
  signal: AbortSignal;
  onChange: (change: Change) => void;
  /** Milliseconds on a clock that only goes on. */
  now?: () => number;
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

/** Resolves when the reply is over, however it ended; that is a change like the others. */
export async function send(api: ApiName, request: ChatRequest, options: SendOptions): Promise<void> {
  const { signal, onChange, now = () => performance.now(), fetch: ask = (url, init) => fetch(url, init) } = options;
  const startedAt = now();
  let hasWords = false;
  const tell = (change: Change) => {
    if ((change.type === "text" || change.type === "thinking") && !hasWords) {
      hasWords = true;
      onChange({ type: "facts", facts: { firstMs: now() - startedAt } });
    }
    onChange(change);
  };
  try {
    const response = await ask(request.path, {
      method: "POST",
      headers: { "content-type": "application/json", [dashboardHeader]: "1", ...request.headers },
      body: JSON.stringify(request.body),
      signal,
    });
    const source = response.headers.get("x-lodge-session-source");
    const sessionId = response.headers.get("x-claude-session");
    if (source !== null) onChange({ type: "facts", facts: { source, ...(sessionId === null ? {} : { sessionId }) } });
    if (!response.ok) throw new Error(await refusal(response));
    if (response.headers.get("content-type")?.startsWith("text/event-stream") && response.body) {
      await readStream(response.body, (wire) => changesOf(api, wire).forEach(tell));
    } else {
      wholeReply(api, (await response.json()) as Wire).forEach(tell);
    }
    onChange({ type: "facts", facts: { totalMs: now() - startedAt } });
    onChange({ type: "over", state: "done" });
  } catch (error) {
    onChange({ type: "facts", facts: { totalMs: now() - startedAt } });
    if (signal.aborted) onChange({ type: "over", state: "stopped" });
    else onChange({ type: "over", state: "failed", error: error instanceof Error ? error.message : String(error) });
  }
}

async function refusal(response: Response): Promise<string> {
  const told = (await response.json().catch(() => null)) as Wire | null;
  return told?.error?.message ?? `The server answered with status ${response.status}.`;
}

async function readStream(body: ReadableStream<Uint8Array<ArrayBuffer>>, onWire: (wire: Wire) => void): Promise<void> {
  const parse = sseParser();
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    for (const data of parse(value)) {
      if (data === "[DONE]") continue;
      const wire = JSON.parse(data) as Wire;
      if (wire.error) throw new Error(wire.error.message ?? "The stream broke off with an error.");
      onWire(wire);
    }
  }
}

function changesOf(api: ApiName, wire: Wire): Change[] {
  if (api === "messages") {
    const { delta } = wire;
    return [
      ...(wire.message?.usage ? [usageFacts(wire.message.usage)] : []),
      ...(wire.usage ? [usageFacts(wire.usage)] : []),
      ...piece("text", delta?.text),
      ...piece("thinking", delta?.thinking),
      ...stop(delta?.stop_reason),
    ];
  }
  const choice = wire.choices?.[0];
  return [
    ...piece("thinking", choice?.delta?.reasoning_content),
    ...piece("text", choice?.delta?.content),
    ...(wire.usage ? [usageFacts(wire.usage)] : []),
    ...stop(choice?.finish_reason),
  ];
}

function wholeReply(api: ApiName, wire: Wire): Change[] {
  const usage = wire.usage ? [usageFacts(wire.usage)] : [];
  if (api === "messages") {
    const blocks = (wire.content ?? []).flatMap((block) => [
      ...piece("thinking", block.thinking),
      ...piece("text", block.text),
    ]);
    return [...blocks, ...usage, ...stop(wire.stop_reason)];
  }
  const choice = wire.choices?.[0];
  return [...piece("text", choice?.message?.content), ...usage, ...stop(choice?.finish_reason)];
}

const piece = (type: "text" | "thinking", text: string | null | undefined): Change[] =>
  text === undefined || text === null || text === "" ? [] : [{ type, piece: text }];

const stop = (reason: string | null | undefined): Change[] =>
  reason === undefined || reason === null ? [] : [{ type: "facts", facts: { stopReason: reason } }];

function usageFacts(usage: WireUsage): Change {
  const inputTokens = usage.input_tokens ?? usage.prompt_tokens;
  const outputTokens = usage.output_tokens ?? usage.completion_tokens;
  return {
    type: "facts",
    facts: {
      ...(inputTokens === undefined ? {} : { inputTokens }),
      ...(outputTokens === undefined ? {} : { outputTokens }),
    },
  };
}
