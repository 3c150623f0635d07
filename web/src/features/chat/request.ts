/** The request that a conversation makes to Lodge's public API. The code that the page shows is made from the same. */
import type { SessionMode } from "@lodge/shared";
import type { Asked, Entry, Picture, Reply, Round } from "./conversation.ts";
import { inputOf, pageTools } from "./tools.ts";

export const apis = { chat: "Chat Completions", messages: "Messages" } as const;
export type ApiName = keyof typeof apis;

export interface ChatSettings {
  api: ApiName;
  model: string;
  /** The server's default when undefined. */
  mode: SessionMode | undefined;
  /** Empty for the root. */
  workspace: string;
  system: string;
  stream: boolean;
  /** Whether the page's own tools are offered. */
  tools: boolean;
}

export interface ChatRequest {
  path: string;
  /** Beside the token and the content type. */
  headers: Record<string, string>;
  body: Record<string, unknown>;
}

/** Tokens that a reply of the Messages API may have; it insists on a number, and its clients on one that is soon said without a stream. */
const maxTokens = 16_000;

/** @param rounds that the reply which is asked for has had already */
export function requestOf(
  settings: ChatSettings,
  entries: readonly Entry[],
  rounds: readonly Round[] = [],
): ChatRequest {
  const { api, model, mode, workspace, system, stream, tools } = settings;
  const headers = {
    ...(workspace === "" ? {} : { "x-claude-workspace": workspace }),
    ...(mode === undefined ? {} : { "x-claude-mode": mode }),
  };
  const writer = api === "messages" ? anthropicMessages : openaiMessages;
  const messages = [
    ...entries.flatMap((entry) => (entry.role === "user" ? [writer.asked(entry)] : replied(writer, entry))),
    ...rounds.flatMap((round) => writer.round(round)),
  ];
  if (api === "messages") {
    const body = {
      model,
      max_tokens: maxTokens,
      ...(system === "" ? {} : { system }),
      ...(tools ? { tools: pageTools.map(anthropicTool) } : {}),
      messages,
      ...(stream ? { stream } : {}),
    };
    return { path: "/v1/messages", headers: { ...headers, "anthropic-version": "2023-06-01" }, body };
  }
  const body = {
    model,
    ...(tools ? { tools: pageTools.map(openaiTool) } : {}),
    messages: [...(system === "" ? [] : [{ role: "system", content: system }]), ...messages],
    ...(stream ? { stream, stream_options: { include_usage: true } } : {}),
  };
  return { path: "/v1/chat/completions", headers, body };
}

/** How one family writes down what was said. */
interface Writer {
  asked(entry: Asked): object;
  said(text: string): object;
  round(round: Round): object[];
}

/** A reply that never said anything is none that the API would take. */
const replied = (writer: Writer, { rounds, text }: Reply): object[] => [
  ...rounds.flatMap((round) => writer.round(round)),
  ...(text === "" ? [] : [writer.said(text)]),
];

const anthropicMessages: Writer = {
  asked: (entry) => ({ role: "user", content: contentOf(entry, anthropicPicture) }),
  said: (text) => ({ role: "assistant", content: text }),
  round: ({ text, calls }) => [
    {
      role: "assistant",
      content: [
        ...(text === "" ? [] : [{ type: "text", text }]),
        ...calls.map((call) => ({ type: "tool_use", id: call.id, name: call.name, input: safeInput(call) })),
      ],
    },
    {
      role: "user",
      content: calls.map(({ id, result, isError }) => ({
        type: "tool_result",
        tool_use_id: id,
        content: result,
        ...(isError ? { is_error: true } : {}),
      })),
    },
  ],
};

const openaiMessages: Writer = {
  asked: (entry) => ({ role: "user", content: contentOf(entry, openaiPicture) }),
  said: (text) => ({ role: "assistant", content: text }),
  round: ({ text, calls }) => [
    {
      role: "assistant",
      content: text === "" ? null : text,
      tool_calls: calls.map(({ id, name, input }) => ({ id, type: "function", function: { name, arguments: input } })),
    },
    ...calls.map(({ id, result }) => ({ role: "tool", tool_call_id: id, content: result })),
  ],
};

function safeInput(call: Round["calls"][number]): object {
  try {
    return inputOf(call);
  } catch {
    return {};
  }
}

const anthropicTool = ({ name, description, parameters }: (typeof pageTools)[number]) => ({
  name,
  description,
  input_schema: parameters,
});

const openaiTool = ({ name, description, parameters }: (typeof pageTools)[number]) => ({
  type: "function",
  function: { name, description, parameters },
});

function contentOf(entry: Asked, picture: (from: Picture) => object): string | object[] {
  if (entry.pictures.length === 0) return entry.text;
  return [...entry.pictures.map(picture), ...(entry.text === "" ? [] : [{ type: "text", text: entry.text }])];
}

const anthropicPicture = ({ mediaType, data }: Picture) => ({
  type: mediaType === "application/pdf" ? "document" : "image",
  source: { type: "base64", media_type: mediaType, data },
});

const openaiPicture = ({ name, mediaType, data }: Picture) => {
  const url = `data:${mediaType};base64,${data}`;
  return mediaType === "application/pdf"
    ? { type: "file", file: { filename: name, file_data: url } }
    : { type: "image_url", image_url: { url } };
};
