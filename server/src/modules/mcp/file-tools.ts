/** The workspaces' files as tools. */
import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { z } from "zod";
import { ApiError } from "../../http/errors.ts";
import { WorkspaceError } from "../../workspaces/errors.ts";
import { OpenFile } from "../../workspaces/files/index.ts";
import { searchFiles } from "../../workspaces/files/search.ts";
import { mediaTypeOf } from "../files/media-type.ts";
import type { FileAccess } from "../files/reachable.ts";
import { attemptWith, reply } from "./replies.ts";
import type { McpServices } from "./server.ts";

/** Bytes of a file that is handed to a model at once. */
const maxReadBytes = 4 * 1024 * 1024;
/** Matches of one search, unless fewer are asked for. */
const maxMatches = 500;

const path = z.string().max(4096);
const entry = z.object({
  name: z.string(),
  type: z.enum(["dir", "file"]),
  size: z.number().optional(),
  mtime: z.string(),
});

export function addFileTools(server: McpServer, services: McpServices): void {
  const { caller, files, fileDeleted } = services;
  const attempt = attemptWith(services, "files");
  server.registerTool(
    "list_files",
    {
      title: "List files",
      description:
        "Lists a folder below the workspaces root, by name. Use it to see what is there before you read or write.",
      inputSchema: { path: path.default("").describe("Folder below the root; empty for the root") },
      outputSchema: { path: z.string(), entries: z.array(entry), truncated: z.boolean() },
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    ({ path: folder }) =>
      attempt(async () => {
        const found = await files().open(folder);
        if (found instanceof OpenFile) {
          found.close();
          throw new WorkspaceError("not_a_folder", `${JSON.stringify(folder)} is a file: read_file reads it.`);
        }
        const { path: at, entries, truncated = false } = found;
        const lines = entries.map(({ name, type, size }) => (type === "dir" ? `${name}/` : `${name}  ${size} bytes`));
        const text = entries.length === 0 ? "(empty)" : lines.join("\n") + (truncated ? "\n(and more)" : "");
        return reply({ path: at, entries, truncated }, text);
      }),
  );

  server.registerTool(
    "read_file",
    {
      title: "Read a file",
      description:
        "Reads a file below the workspaces root: text as text, pictures as pictures. Use it for what a run left behind, and to look at a file before you change it.",
      inputSchema: { path: path.min(1).describe("File below the root") },
      outputSchema: { path: z.string(), size: z.number(), media_type: z.string(), text: z.string().optional() },
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    ({ path: at }) =>
      attempt(async () => {
        const { bytes, text, mediaType, path: real } = await readWhole(files(), at);
        const data = { path: real, size: bytes.byteLength, media_type: mediaType };
        if (text !== null) return reply({ ...data, text }, text);
        const base64 = Buffer.from(bytes).toString("base64");
        if (!mediaType.startsWith("image/")) {
          throw new ApiError(
            "invalid_request",
            `${JSON.stringify(at)} is no text: ${mediaType}, ${bytes.byteLength} bytes.`,
          );
        }
        return { content: [{ type: "image", data: base64, mimeType: mediaType }], structuredContent: data };
      }),
  );

  server.registerTool(
    "write_file",
    {
      title: "Write a file",
      description:
        "Writes a text file below the workspaces root, whole, with the folders on the way; what was there is replaced. Use it to hand long material to claude_run.",
      inputSchema: {
        path: path.min(1).describe("File below the root"),
        content: z.string().describe("All of its text"),
      },
      outputSchema: { path: z.string(), size: z.number() },
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
    },
    ({ path: at, content }) =>
      attempt(async () => {
        const { path: written, version } = await files().write(at, new Blob([content]).stream());
        return reply({ path: written, size: version.size }, `Wrote ${version.size} bytes to ${written}.`);
      }),
  );

  server.registerTool(
    "delete_file",
    {
      title: "Delete a file",
      description: "Deletes one file below the workspaces root. Folders stay.",
      inputSchema: { path: path.min(1).describe("File below the root") },
      outputSchema: { path: z.string() },
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
    },
    ({ path: at }) =>
      attempt(async () => {
        const removed = await files().remove(at);
        fileDeleted(removed, caller());
        return reply({ path: removed }, `Deleted ${removed}.`);
      }),
  );

  server.registerTool(
    "search_files",
    {
      title: "Search files",
      description:
        "Finds files below the workspaces root by a glob of their names, by a text in them, or by both. .git and node_modules are left out. Use it before you read whole files.",
      inputSchema: {
        path: path.default("").describe("Folder to search; empty for the root"),
        glob: z.string().max(1000).optional().describe("Such as *.ts, or src/**/*.md for paths below the folder"),
        text: z.string().min(1).max(10_000).optional().describe("What a line must contain, taken literally"),
        ignore_case: z.boolean().default(false),
        limit: z.number().int().min(1).max(maxMatches).default(100),
      },
      outputSchema: {
        matches: z.array(z.object({ path: z.string(), line: z.number().optional(), text: z.string().optional() })),
        truncated: z.boolean().describe("Not everything was looked at"),
      },
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    ({ path: folder, glob, text, ignore_case: ignoreCase, limit }, { signal }) =>
      attempt(async () => {
        const { matches, truncated } = await searchFiles(
          files(),
          { path: folder, glob, text, ignoreCase, limit },
          signal,
        );
        const lines = matches.map((match) =>
          match.line === undefined ? match.path : `${match.path}:${match.line}: ${match.text}`,
        );
        const shown = lines.length === 0 ? "Nothing found." : lines.join("\n");
        return reply({ matches, truncated }, truncated ? `${shown}\n(not everything was looked at)` : shown);
      }),
  );
}

/** A whole file; `text` is null for what is none. */
export async function readWhole(
  files: Pick<FileAccess, "open">,
  at: string,
): Promise<{ path: string; bytes: Uint8Array<ArrayBuffer>; text: string | null; mediaType: string }> {
  const found = await files.open(at);
  if (!(found instanceof OpenFile)) {
    throw new WorkspaceError("is_a_folder", `${JSON.stringify(at)} is a folder: list_files shows what is in it.`);
  }
  using file = found;
  const bytes = await file.bytes(maxReadBytes);
  if (bytes === null) {
    throw new ApiError(
      "too_large",
      `${JSON.stringify(at)} has ${file.version.size} bytes; at most ${maxReadBytes} are read at once. search_files finds the lines that matter.`,
    );
  }
  return { path: file.path, bytes, text: textOf(bytes), mediaType: mediaTypeOf(file.path) };
}

function textOf(bytes: Uint8Array<ArrayBuffer>): string | null {
  if (bytes.includes(0)) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
