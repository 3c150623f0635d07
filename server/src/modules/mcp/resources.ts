/** The workspaces' files as resources: `workspace:///notes/today.md`. */
import { type McpServer, ResourceTemplate } from "@modelcontextprotocol/sdk/server/mcp.js";
import {
  ErrorCode,
  McpError,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { requireScope } from "../../auth/caller.ts";
import { AccessError } from "../../auth/errors.ts";
import { ApiError } from "../../http/errors.ts";
import { WorkspaceError } from "../../workspaces/errors.ts";
import { OpenFile } from "../../workspaces/files/index.ts";
import { mediaTypeOf } from "../files/media-type.ts";
import type { FileAccess } from "../files/reachable.ts";
import { readWhole } from "./file-tools.ts";
import type { McpServices } from "./server.ts";
import { Subscriptions } from "./subscriptions.ts";

const scheme = "workspace:///";
/** Characters of an address that is kept: a path of 4096 bytes, each encoded. */
const maxUri = 3 * 4096 + scheme.length;
/** The MCP specification's own code for what is not there. */
const resourceNotFound = -32_002;

const uriOf = (path: string): string => scheme + path.split("/").map(encodeURIComponent).join("/");

export function addResources(server: McpServer, services: McpServices): void {
  const files = (): FileAccess => {
    requireScope(services.caller(), ["files"]);
    return services.files();
  };
  const template = new ResourceTemplate(`${scheme}{+path}`, {
    // The files right below the root, or the caller's own workspace; the rest is found by list_files and search_files.
    list: async () => {
      const caller = services.caller();
      if (!caller.may(["files"])) return { resources: [] };
      const found = await files().open(caller.reach.preferred);
      if (found instanceof OpenFile) return { resources: [] };
      const resources = found.entries
        .filter(({ type }) => type === "file")
        .map(({ name, size }) => ({
          uri: uriOf(found.path === "" ? name : `${found.path}/${name}`),
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
      return attempt(async () => {
        const { bytes, text, mediaType } = await readWhole(files(), path);
        const content = text === null ? { blob: Buffer.from(bytes).toString("base64") } : { text };
        return { contents: [{ uri: uri.href, mimeType: mediaType, ...content }] };
      }, services.onUnexpected);
    },
  );
  // The list is made when it is asked for; that it is another by now is told to nobody.
  server.server.registerCapabilities({ resources: { subscribe: services.isKept, listChanged: false } });
  if (services.isKept) addSubscriptions(server, services, files);
}

/** Also to a file that is not there yet, such as the one that a run is to write. */
function addSubscriptions(
  { server }: Pick<McpServer, "server">,
  { clock, onUnexpected }: McpServices,
  files: () => FileAccess,
): void {
  const subscriptions = new Subscriptions({
    look: async (path) => files().look(path),
    // A client that is gone has its session's end.
    tell: (uri) => void server.sendResourceUpdated({ uri }).catch(() => {}),
    clock,
    onUnexpected,
  });
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the one way that the SDK tells of it
  server.onclose = () => subscriptions[Symbol.dispose]();
  server.setRequestHandler(SubscribeRequestSchema, async ({ params: { uri } }) => {
    await attempt(() => subscriptions.add(uri, pathOf(urlOf(uri))), onUnexpected);
    return {};
  });
  server.setRequestHandler(UnsubscribeRequestSchema, ({ params: { uri } }) => {
    subscriptions.remove(uri);
    return {};
  });
}

/** Fails as the protocol wants a resource to; what nobody expected is told to the log alone. */
async function attempt<T>(work: () => Promise<T>, onUnexpected: (error: unknown) => void): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof McpError) throw error;
    if (error instanceof AccessError) throw new McpError(ErrorCode.InvalidRequest, error.message);
    if (error instanceof ApiError) throw new McpError(ErrorCode.InvalidParams, error.message);
    if (error instanceof WorkspaceError) {
      throw new McpError(error.kind === "missing" ? resourceNotFound : ErrorCode.InvalidParams, error.message);
    }
    onUnexpected(error);
    throw new McpError(ErrorCode.InternalError, "Something went wrong in the server.");
  }
}

function urlOf(uri: string): URL {
  if (uri.startsWith(scheme) && uri.length <= maxUri) return new URL(uri);
  throw new McpError(
    ErrorCode.InvalidParams,
    `uri: it must begin with ${scheme} and have at most ${maxUri} characters.`,
  );
}

function pathOf({ pathname }: URL): string {
  try {
    return decodeURIComponent(pathname.slice(1));
  } catch {
    throw new McpError(ErrorCode.InvalidParams, "uri: it has a % that encodes nothing.");
  }
}
