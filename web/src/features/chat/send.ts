/** Sends a request as any client would, and tells what comes of it. */
import { dashboardHeader } from "@lodge/shared";
import { sseParser } from "../../lib/sse.ts";
import type { Change } from "./conversation.ts";
import type { ApiName, ChatRequest } from "./request.ts";
import type { Call } from "./tools.ts";

/** What the page needs of the two families' replies, whole or in pieces; everything else in them is left alone. */
interface Wire {
  error?: { message?: string } | null;
  // Chat Completions
  choices?: {
    delta?: { content?: string | null; reasoning_content?: string | null; tool_calls?: WireCall[] };
    message?: { content?: string | null; tool_calls?: WireCall[] };
    finish_reason?: string | null;
  }[];
  usage?: WireUsage | null;
  // Messages
  type?: string;
  message?: { usage?: WireUsage };
  /** Of the block that begins or goes on. */
  index?: number;
  content_block?: WireBlock;
  delta?: { type?: string; text?: string; thinking?: string; partial_json?: string; stop_reason?: string | null };
  content?: WireBlock[];
  stop_reason?: string | null;
}

/** Of a streamed call the first piece has its id and name. */
interface WireCall {
  index?: number;
  id?: string;
  function?: { name?: string; arguments?: string };
}

interface WireBlock {
  type: string;
  text?: string;
  thinking?: string;
  id?: string;
  name?: string;
  input?: unknown;
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
  /** By that clock, when the answer was asked for; now when absent. */
  startedAt?: number;
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

/** What a request came to; with calls, the model waits for what comes of them. */
export interface Sent {
  text: string;
  calls: readonly Call[];
}

/** Null when it failed or was stopped, which is then told as a change; that it ended well is for the caller to tell. */
export async function send(api: ApiName, request: ChatRequest, options: SendOptions): Promise<Sent | null> {
  const { signal, onChange, now = () => performance.now(), fetch: ask = (url, init) => fetch(url, init) } = options;
  const { startedAt = now() } = options;
  let hasWords = false;
  let text = "";
  const calls = new Map<number, Call>();
  const tell = (change: Change) => {
    if ((change.type === "text" || change.type === "thinking") && !hasWords) {
      hasWords = true;
      onChange({ type: "facts", facts: { firstMs: now() - startedAt } });
    }
    if (change.type === "text") text += change.piece;
    onChange(change);
  };
  const take = (wire: Wire, changes: Change[]) => {
    changes.forEach(tell);
    for (const [index, piece] of callPieces(api, wire)) {
      const { id, name, input } = calls.get(index) ?? { id: "", name: "", input: "" };
      calls.set(index, { id: piece.id ?? id, name: piece.name ?? name, input: input + (piece.input ?? "") });
    }
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
      await readStream(response.body, (wire) => take(wire, changesOf(api, wire)));
    } else {
      const wire = (await response.json()) as Wire;
      take(wire, wholeReply(api, wire));
    }
    onChange({ type: "facts", facts: { totalMs: now() - startedAt } });
    return { text, calls: [...calls.values()] };
  } catch (error) {
    onChange({ type: "facts", facts: { totalMs: now() - startedAt } });
    if (signal.aborted) onChange({ type: "over", state: "stopped" });
    else onChange({ type: "over", state: "failed", error: error instanceof Error ? error.message : String(error) });
    return null;
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

/** What there is of calls, by their place in the reply. */
function callPieces(api: ApiName, wire: Wire): [index: number, piece: Partial<Call>][] {
  if (api === "messages") {
    const { index = 0, content_block: begun, delta, content = [] } = wire;
    const whole = content.flatMap((block, at): [number, Partial<Call>][] =>
      block.type === "tool_use" ? [[at, { ...idOf(block), input: JSON.stringify(block.input) }]] : [],
    );
    return [
      ...whole,
      ...(begun?.type === "tool_use" ? [[index, idOf(begun)] as [number, Partial<Call>]] : []),
      ...(delta?.partial_json === undefined ? [] : [[index, { input: delta.partial_json }] as [number, Partial<Call>]]),
    ];
  }
  const choice = wire.choices?.[0];
  const pieces = choice?.delta?.tool_calls ?? choice?.message?.tool_calls ?? [];
  return pieces.map(({ index, id, function: called }, at) => [
    index ?? at,
    { ...idOf({ id, name: called?.name }), ...(called?.arguments === undefined ? {} : { input: called.arguments }) },
  ]);
}

const idOf = ({ id, name }: { id?: string | undefined; name?: string | undefined }): Partial<Call> => ({
  ...(id === undefined ? {} : { id }),
  ...(name === undefined ? {} : { name }),
});

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
