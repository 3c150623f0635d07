/** The workspaces' files as resources: `workspace:///notes/today.md`. */
import { type McpServer, ResourceTemplate } from "@modelcontextprotocol/sdk/server/mcp.js";
import { ErrorCode, McpError } from "@modelcontextprotocol/sdk/types.js";
import { requireScope } from "../../auth/caller.ts";
import { AccessError } from "../../auth/errors.ts";
import { WorkspaceError } from "../../workspaces/errors.ts";
import { OpenFile } from "../../workspaces/files/index.ts";
import { mediaTypeOf } from "../files/media-type.ts";
import type { FileAccess } from "../files/reachable.ts";
import { readWhole } from "./file-tools.ts";
import type { McpServices } from "./server.ts";

const scheme = "workspace:///";
/** The MCP specification's own code for what is not there. */
const resourceNotFound = -32_002;

const uriOf = (path: string): string => scheme + path.split("/").map(encodeURIComponent).join("/");

export function addResources(server: McpServer, services: McpServices): void {
  const files = (): FileAccess => {
    requireScope(services.caller(), ["files"]);
    return services.files();
  };
  const template = new ResourceTemplate(`${scheme}{+path}`, {
    // The files right below the root; the rest is found by list_files and search_files.
    list: async () => {
      if (!services.caller().may(["files"])) return { resources: [] };
      const found = await files().open("");
      if (found instanceof OpenFile) return { resources: [] };
      const resources = found.entries
        .filter(({ type }) => type === "file")
        .map(({ name, size }) => ({
          uri: uriOf(name),
          name,
          mimeType: mediaTypeOf(name),
          ...(size === undefined ? {} : { size }),
        }));
      return { resources };
    },
  });
  server.registerResource(
    "workspace-file",
    template,
    { title: "A file of a workspace", description: "Any file below the workspaces root, by its path" },
    async (uri) => {
      const path = pathOf(uri);
      try {
        const { bytes, text, mediaType } = await readWhole(files(), path);
        const content = text === null ? { blob: Buffer.from(bytes).toString("base64") } : { text };
        return { contents: [{ uri: uri.href, mimeType: mediaType, ...content }] };
      } catch (error) {
        if (error instanceof AccessError) throw new McpError(ErrorCode.InvalidRequest, error.message);
        if (!(error instanceof WorkspaceError)) throw error;
        throw new McpError(error.kind === "missing" ? resourceNotFound : ErrorCode.InvalidParams, error.message);
      }
    },
  );
}

function pathOf({ pathname }: URL): string {
  try {
    return decodeURIComponent(pathname.slice(1));
  } catch {
    throw new McpError(ErrorCode.InvalidParams, "uri: it has a % that encodes nothing.");
  }
}
