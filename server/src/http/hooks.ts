/** What every route has in common: how a body is read, who is let in, and how a failure becomes a reply. */
import { dashboardHeader } from "@lodge/shared";
import { Elysia, ParseError, ValidationError } from "elysia";
import type { Auth } from "../auth/auth.ts";
import { type Caller, requireScope } from "../auth/caller.ts";
import { AccessError, unknownKey } from "../auth/errors.ts";
import { scopesOf, sessionOf } from "../auth/scopes.ts";
import { JobError } from "../jobs/errors.ts";
import { SessionError } from "../sessions/index.ts";
import { WorkspaceError } from "../workspaces/errors.ts";
import { fromAccessError } from "./access-errors.ts";
import { noBody, readJson } from "./body.ts";
import { ApiError } from "./errors.ts";
import { errorResponse, familyOf } from "./families.ts";
import { fromJobError } from "./job-errors.ts";
import { contextOf } from "./request-context.ts";
import { fromSessionError } from "./session-errors.ts";
import { fromWorkspaceError } from "./workspace-errors.ts";

export interface HookOptions {
  auth: Auth;
  /** Where a session works; null when there never was one with that id. */
  workspaceOf: (sessionId: string) => string | null;
  /** Told of failures that nobody expected. */
  onUnexpected: (error: unknown, request: Request) => void;
  /** Methods that the path answers to, if any: the difference between 404 and 405. */
  methodsOf: (pathname: string) => string[];
}

export const hooks = ({ auth, workspaceOf, onUnexpected, methodsOf }: HookOptions) =>
  new Elysia({ name: "hooks" })
    // A route that takes no body may get none; one that takes some says so when it looks at what it got.
    .onParse({ as: "global" }, ({ request }) => {
      // Anything but undefined keeps the router from parsing by itself.
      if (isFile(request)) return null;
      return request.body === null ? undefined : readJson(request);
    })
    .onError({ as: "global" }, ({ error, request }) => {
      const { pathname } = new URL(request.url);
      const family = familyOf(pathname, request.headers);
      return errorResponse(family, toApiError(error), contextOf(request).id);

      function toApiError(thrown: unknown): ApiError {
        if (thrown instanceof ApiError) return thrown;
        if (thrown instanceof SessionError) return fromSessionError(thrown);
        if (thrown instanceof WorkspaceError) return fromWorkspaceError(thrown);
        if (thrown instanceof JobError) return fromJobError(thrown);
        if (thrown instanceof AccessError) return fromAccessError(thrown);
        if (thrown instanceof ParseError) return toApiError(thrown.cause);
        if (thrown instanceof ValidationError && thrown.type === "body" && thrown.value === undefined) return noBody();
        if (thrown instanceof ValidationError && thrown.type !== "response")
          return invalid(thrown, family === "dashboard");
        if (isNotFound(thrown)) return unknownRoute(request.method, pathname, methodsOf(pathname));
        // Nobody reads it any more.
        if (isGone(thrown, request)) return new ApiError("invalid_request", "The client went away.");
        onUnexpected(thrown, request);
        return new ApiError("internal", "Something went wrong in the server. The log has more under the request id.");
      }
    })
    .onRequest(({ request }) => {
      const { pathname } = new URL(request.url);
      if (isOpen(pathname)) return;
      const caller = identify(request, pathname, auth);
      contextOf(request).caller = caller;
      const needed = scopesOf(request.method, pathname);
      if (needed !== "any") requireScope(caller, needed);
      const session = caller.reach.isLimited ? sessionOf(pathname) : null;
      // Here for every route there is or will be.
      if (session !== null) caller.reach.require(workspaceOf(session) ?? "", "The session");
    });

/** Whether it failed because its client left in the midst of it: its body broke off, say. */
const isGone = (thrown: unknown, { signal }: Request): boolean =>
  signal.aborted && thrown instanceof DOMException && thrown.name === "AbortError";

/** @throws AccessError when it is nobody who may come in */
function identify(request: Request, pathname: string, auth: Auth): Caller {
  // For MCP clients that can be given an address and no header.
  const inAddress = pathname === "/mcp" ? new URL(request.url).searchParams.get("apiToken") : null;
  const inHeader = auth.byHeaders(request.headers);
  if (inHeader) return inHeader;
  if (inAddress !== null) return auth.bySecret(inAddress);
  // The cookie is for the dashboard, whose own requests carry the page's origin or none at all.
  const cookie = takesCookie(pathname, request.headers) && isOwnOrigin(request) ? auth.byCookie(request.headers) : null;
  if (cookie) return cookie;
  throw unknownKey();
}

/** What is passed on as it is, whatever it looks like. The router takes a route's `parse: "none"` only where no hook parses. */
const isFile = ({ url }: Request): boolean => filePath.test(new URL(url).pathname);
const filePath = /^\/(files\/|api\/workspaces\/[^/]+\/files\/content$|api\/workspace-imports$)/;

/** Health, the login, terminals' sockets, and the files of the dashboard and of Swagger UI, which hold no secrets. All else needs the token. */
function isOpen(pathname: string): boolean {
  if (["/health", "/healthz", "/api/login"].includes(pathname) || terminalSocket.test(pathname)) return true;
  return swaggerFile.test(pathname) || !isApi(pathname);
}

/** Its ticket says who may come in. */
const terminalSocket = /^\/api\/terminals\/[^/]+\/socket$/;

/** The page and its files have an extension or no name at all; the description itself does not match. */
const swaggerFile = /^\/swagger(\/[\w-]+\.\w+)?$/;

/**
 * What a browser that is logged in may use. Of the clients' APIs only the models', and only when the request says that
 * it is the dashboard's: a header of its own is what no page of another site can send along. Such a page must not be
 * able to run turns.
 */
function takesCookie(pathname: string, headers: Headers): boolean {
  if (pathname.startsWith("/api/") || pathname === "/swagger/json") return true;
  return pathname.startsWith("/v1/") && headers.has(dashboardHeader);
}

/** Paths that are answered by handlers; all others are the dashboard's pages. */
export function isApi(pathname: string): boolean {
  return /^\/(api|v1|openai|health|healthz|status|swagger|run|files|jobs|execute|mcp|metrics)(\/|$)/.test(pathname);
}

export function isOwnOrigin(request: Request): boolean {
  const origin = request.headers.get("origin");
  return origin === null || origin === new URL(request.url).origin;
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "NOT_FOUND";
}

function unknownRoute(method: string, pathname: string, allowed: string[]): ApiError {
  if (allowed.length === 0) return new ApiError("not_found", `There is nothing at ${pathname}.`);
  return new ApiError(
    "method_not_allowed",
    `${pathname} does not answer to ${method}, only to ${allowed.join(", ")}.`,
    { allow: allowed },
  );
}

/** Most of those who get this have forgotten a field or misspelt it. */
const readable = (message: string): string =>
  message.replace(/^Invalid input: expected (\w+), received undefined$/, "it is missing; its type is $1.");

function invalid(error: ValidationError, unprocessable: boolean): ApiError {
  const [first] = error.all as { path?: string; message?: string }[];
  const where = first?.path === undefined || first.path === "root" ? undefined : first.path;
  const message = readable(first?.message ?? "The request is not valid.");
  return new ApiError(unprocessable ? "unprocessable" : "invalid_request", where ? `${where}: ${message}` : message, {
    param: where,
  });
}
