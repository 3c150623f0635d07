/** `GET /api/sessions/:id/export`: a session to take away, as the CLI's own records or as Markdown that a person reads. */
import type { TranscriptEntry, TranscriptHunk } from "@lodge/shared";
import { Elysia } from "elysia";
import { z } from "zod";
import { ApiError } from "../../http/errors.ts";
import { TranscriptFile } from "../../sessions/index.ts";
import { cutEntry } from "./cut.ts";
import { entriesOf } from "./entries.ts";

export interface ExportSource {
  /** Null when there never was such a session. */
  title(id: string): string | null;
  transcriptPath(id: string): string | null;
}

/** Characters of one text in Markdown; a tool's result can be a whole file. */
const textLimit = 100_000;

export const sessionExport = (source: ExportSource) =>
  new Elysia({ name: "session-export", detail: { tags: ["Dashboard"] } }).get(
    "/api/sessions/:id/export",
    async ({ params: { id }, query: { format } }) => {
      const title = source.title(id);
      const path = source.transcriptPath(id);
      if (title === null || path === null)
        throw new ApiError("not_found", "There is no session with that id.", { param: "id" });
      const file = Bun.file(path);
      if (!(await file.exists()))
        throw new ApiError("not_found", "The session has no transcript: nothing was said in it yet.", { param: "id" });
      const headers = { "content-disposition": `attachment; filename="${fileName(title, id)}.${format}"` };
      if (format === "jsonl")
        return new Response(file, { headers: { ...headers, "content-type": "application/x-ndjson" } });
      return new Response(streamed(markdown(title, id, path)), {
        headers: { ...headers, "content-type": "text/markdown; charset=utf-8" },
      });
    },
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({ format: z.enum(["md", "jsonl"]) }),
      detail: { summary: "Download a session's transcript, as Markdown or as the CLI's records" },
    },
  );

/** In any file system's names. */
function fileName(title: string, id: string): string {
  const words = title
    .normalize("NFKD")
    .replaceAll(/[^a-zA-Z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 60)
    .toLowerCase();
  return `${words === "" ? "session" : words}-${id.slice(0, 8)}`;
}

function streamed(texts: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      const { value, done } = await texts.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    cancel: () => texts.return(undefined).then(() => {}),
  });
}

export async function* markdown(title: string, id: string, path: string): AsyncGenerator<string> {
  yield `# ${title.replaceAll(/\s+/g, " ")}\n\nSession \`${id}\`\n`;
  await using file = await TranscriptFile.open(path);
  if (!file) return;
  let speaker = "";
  for await (const { record } of file.forward(0)) {
    for (const entry of record ? entriesOf(record) : []) {
      const { heading, body } = section(cutEntry(entry, textLimit));
      const time = new Date(entry.at).toISOString().replace(/\.\d+Z$/, "Z");
      yield heading === speaker ? `\n${body}\n` : `\n## ${heading}\n\n_${time}_\n\n${body}\n`;
      speaker = heading;
    }
  }
}

/** The model's own parts stand under one heading. */
function section(entry: TranscriptEntry): { heading: string; body: string } {
  switch (entry.kind) {
    case "user": {
      const attached = entry.attachments.map(({ mediaType, bytes }) => `- attached: ${mediaType}, ${bytes} bytes`);
      return { heading: "User", body: [entry.text, attached.join("\n")].filter(Boolean).join("\n\n") };
    }
    case "text":
      return { heading: "Assistant", body: entry.text };
    case "thinking":
      return { heading: "Assistant", body: entry.text === "" ? "_(thinking, not shown)_" : quoted(entry.text) };
    case "tool_call":
      return {
        heading: "Assistant",
        body: `**${entry.name}**\n\n${fenced(JSON.stringify(entry.input, null, 2), "json")}`,
      };
    case "tool_result": {
      const told =
        entry.patch === undefined ? fenced(entry.text) : fenced(entry.patch.map(hunkText).join("\n"), "diff");
      return { heading: "Assistant", body: `${entry.isError ? "Failed:" : "Result:"}\n\n${told}` };
    }
    case "notice":
      return { heading: "Notice", body: [`**${entry.title}**`, entry.text].filter(Boolean).join("\n\n") };
  }
}

const quoted = (text: string): string => text.replaceAll(/^/gm, "> ");

/** Longer than every fence inside. */
function fenced(text: string, language = ""): string {
  const longest = Math.max(2, ...[...text.matchAll(/`{3,}/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

const hunkText = ({ oldStart, oldLines, newStart, newLines, lines }: TranscriptHunk): string =>
  [`@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`, ...lines].join("\n");
