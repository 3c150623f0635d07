/** The request that a conversation makes to Lodge's public API. The code that the page shows is made from the same. */
import type { SessionMode } from "@lodge/shared";
import type { Entry, Picture } from "./conversation.ts";

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
}

export interface ChatRequest {
  path: string;
  /** Beside the token and the content type. */
  headers: Record<string, string>;
  body: Record<string, unknown>;
}

/** Tokens that a reply of the Messages API may have; it insists on a number. */
const maxTokens = 32_000;

export function requestOf(settings: ChatSettings, entries: readonly Entry[]): ChatRequest {
  const { api, model, mode, workspace, system, stream } = settings;
  const said = entries.filter((entry) => entry.role === "user" || entry.text !== "");
  const headers = {
    ...(workspace === "" ? {} : { "x-claude-workspace": workspace }),
    ...(mode === undefined ? {} : { "x-claude-mode": mode }),
  };
  if (api === "messages") {
    const body = {
      model,
      max_tokens: maxTokens,
      ...(system === "" ? {} : { system }),
      messages: said.map((entry) => ({ role: entry.role, content: contentOf(entry, anthropicPicture) })),
      ...(stream ? { stream } : {}),
    };
    return { path: "/v1/messages", headers: { ...headers, "anthropic-version": "2023-06-01" }, body };
  }
  const messages = [
    ...(system === "" ? [] : [{ role: "system", content: system }]),
    ...said.map((entry) => ({ role: entry.role, content: contentOf(entry, openaiPicture) })),
  ];
  const streaming = stream ? { stream, stream_options: { include_usage: true } } : {};
  return { path: "/v1/chat/completions", headers, body: { model, messages, ...streaming } };
}

function contentOf(entry: Entry, picture: (from: Picture) => object): string | object[] {
  if (entry.role === "assistant" || entry.pictures.length === 0) return entry.text;
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
