/** From one record of the CLI to what a person reads of it: nothing, one entry, or several. */
import type { TranscriptAttachment, TranscriptEntry } from "@lodge/shared";
import type { TranscriptRecord } from "../../sessions/index.ts";
import { noticeOf } from "./notices.ts";
import {
  assistantRecord,
  contentBlock,
  type ContentBlock,
  queuedRecord,
  systemRecord,
  toolDetails,
  userRecord,
} from "./records.ts";

/** An entry before its record's uuid and time are put to it. */
type Part = DistributiveOmit<TranscriptEntry, "id" | "at" | "sidechain" | "whole">;
type DistributiveOmit<T, K extends keyof T> = T extends unknown ? Omit<T, K> : never;

export function entriesOf(record: TranscriptRecord): TranscriptEntry[] {
  switch (record.type) {
    case "assistant": {
      const parsed = assistantRecord.safeParse(record);
      return parsed.success ? stamp(parsed.data, assistantParts(parsed.data)) : [];
    }
    case "user": {
      const parsed = userRecord.safeParse(record);
      return parsed.success ? stamp(parsed.data, userParts(parsed.data)) : [];
    }
    case "system": {
      const parsed = systemRecord.safeParse(record);
      return parsed.success ? stamp(parsed.data, systemParts(parsed.data)) : [];
    }
    case "attachment": {
      const parsed = queuedRecord.safeParse(record);
      return parsed.success ? stamp(parsed.data, queuedParts(parsed.data)) : [];
    }
    default:
      return [];
  }
}

interface Stamped {
  uuid: string;
  timestamp: string;
  isSidechain?: boolean | undefined;
}

function stamp({ uuid, timestamp, isSidechain = false }: Stamped, parts: Part[]): TranscriptEntry[] {
  return parts.map((part, index) => ({
    ...part,
    id: index === 0 ? uuid : `${uuid}.${index}`,
    at: Date.parse(timestamp),
    sidechain: isSidechain,
  }));
}

function assistantParts({ message, isApiErrorMessage }: ReturnType<typeof assistantRecord.parse>): Part[] {
  const blocks = blocksOf(message.content);
  if (isApiErrorMessage === true) {
    return [{ kind: "notice", level: "error", title: "The model could not be asked", text: textOf(blocks) }];
  }
  const { id, model, usage } = message;
  const use = {
    id: id.slice(0, 200),
    model: model.slice(0, 200),
    inputTokens: usage?.input_tokens ?? 0,
    outputTokens: usage?.output_tokens ?? 0,
    cacheReadTokens: usage?.cache_read_input_tokens ?? 0,
    cacheCreationTokens: usage?.cache_creation_input_tokens ?? 0,
  };
  return blocks.flatMap((block): Part[] => {
    switch (block.type) {
      case "text":
        return block.text.trim() === "" ? [] : [{ kind: "text", text: block.text, message: use }];
      case "thinking":
        return [{ kind: "thinking", text: block.thinking, message: use }];
      case "redacted_thinking":
        return [{ kind: "thinking", text: "", message: use }];
      case "tool_use":
        return [{ kind: "tool_call", callId: block.id, name: block.name, input: block.input, message: use }];
      case "tool_result":
      case "image":
      case "document":
        return [];
    }
  });
}

function userParts(record: ReturnType<typeof userRecord.parse>): Part[] {
  const blocks = blocksOf(record.message.content);
  const results = blocks.flatMap((block): Part[] =>
    block.type === "tool_result" ? [resultPart(block, record.toolUseResult)] : [],
  );
  if (record.isMeta === true) return results;
  const text = textOf(blocks);
  if (record.isCompactSummary === true) {
    return [...results, { kind: "notice", level: "info", title: "Summary of what was said before", text }];
  }
  const notice = noticeOf(text);
  if (notice !== null) return [...results, { kind: "notice", ...notice }];
  const attachments = attachmentsOf(blocks);
  if (text.trim() === "" && attachments.length === 0) return results;
  return [...results, { kind: "user", text, attachments }];
}

function resultPart(block: Extract<ContentBlock, { type: "tool_result" }>, details: unknown): Part {
  const inner = blocksOf(block.content);
  const { structuredPatch = [], agentId } = toolDetails.safeParse(details).data ?? {};
  return {
    kind: "tool_result",
    callId: block.tool_use_id,
    text: textOf(inner),
    isError: block.is_error ?? false,
    attachments: attachmentsOf(inner),
    ...(structuredPatch.length === 0 ? {} : { patch: structuredPatch }),
    ...(agentId === undefined ? {} : { agent: agentId }),
  };
}

function systemParts({ subtype, content }: ReturnType<typeof systemRecord.parse>): Part[] {
  const text = typeof content === "string" ? content : "";
  switch (subtype) {
    case "compact_boundary":
      return [{ kind: "notice", level: "info", title: "The conversation was compacted", text: "" }];
    case "api_error":
      return [{ kind: "notice", level: "error", title: "The model's API answered with an error", text }];
    case "local_command": {
      const notice = noticeOf(text);
      return notice === null ? [] : [{ kind: "notice", ...notice }];
    }
    default:
      return [];
  }
}

function queuedParts({ attachment }: ReturnType<typeof queuedRecord.parse>): Part[] {
  const blocks = blocksOf(attachment.prompt);
  const text = textOf(blocks);
  const notice = noticeOf(text);
  return [notice === null ? { kind: "user", text, attachments: attachmentsOf(blocks) } : { kind: "notice", ...notice }];
}

function blocksOf(content: string | readonly unknown[]): ContentBlock[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  return content.flatMap((block) => contentBlock.safeParse(block).data ?? []);
}

function textOf(blocks: readonly ContentBlock[]): string {
  return blocks.flatMap((block) => (block.type === "text" ? block.text : [])).join("\n\n");
}

function attachmentsOf(blocks: readonly ContentBlock[]): TranscriptAttachment[] {
  return blocks.flatMap((block) =>
    block.type === "image" || block.type === "document"
      ? { mediaType: block.source.media_type, bytes: Math.floor((block.source.data.length * 3) / 4) }
      : [],
  );
}
