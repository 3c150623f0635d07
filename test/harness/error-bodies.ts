/** What an error looks like in each family of clients, and what must never be in one. */
import { tmpdir } from "node:os";
import { problem } from "@lodge/shared";

/** A family by the shape of its errors. */
export interface ErrorFamily {
  /** Throws when the body has another shape; returns the message. */
  messageOf(body: unknown, response: Response): unknown;
}

export const openai: ErrorFamily = {
  messageOf(body) {
    const { error } = body as { error: Record<string, unknown> };
    requireKeys(error, ["code", "message", "param", "type"]);
    requireText(error["type"]);
    return error["message"];
  },
};

export const anthropic: ErrorFamily = {
  messageOf(body, response) {
    const { type, error, request_id: id } = body as Record<string, unknown> & { error: Record<string, unknown> };
    if (type !== "error") throw new Error(`type: ${String(type)}`);
    if (id !== response.headers.get("request-id")) throw new Error(`request_id: ${String(id)}`);
    // What the API says beside its words is for programs, and seldom there.
    const { details, ...rest } = error;
    if (details !== undefined && (typeof details !== "object" || details === null))
      throw new Error("details: not an object");
    requireKeys(rest, ["message", "type"]);
    requireText(error["type"]);
    return error["message"];
  },
};

export const workspace: ErrorFamily = { messageOf: (body) => (body as { detail: unknown }).detail };

export const dashboard: ErrorFamily = {
  messageOf(body, response) {
    const mediaType = response.headers.get("content-type") ?? "";
    if (!mediaType.includes("application/problem+json")) throw new Error(`content-type: ${mediaType}`);
    const { status, detail } = problem.parse(body);
    if (status !== response.status) throw new Error(`status: ${status}`);
    return detail;
  },
};

/** As the contract has it, path by path. */
export function errorFamilyOf(pathname: string, headers: Headers): ErrorFamily {
  if (pathname.startsWith("/api/")) return dashboard;
  if (pathname.startsWith("/v1/messages")) return anthropic;
  if (pathname.startsWith("/v1/models") && headers.has("anthropic-version")) return anthropic;
  return /^\/(v1|openai)\//.test(pathname) ? openai : workspace;
}

/**
 * Throws unless it is an error of that family, with an id and a message, and shows nothing of the host.
 *
 * @param secrets what no error may hold, beside what is never in one
 */
export function requireError(
  family: ErrorFamily,
  response: Response,
  raw: string,
  secrets: readonly string[],
): { message: string; body: Record<string, unknown> } {
  const body = JSON.parse(raw) as Record<string, unknown>;
  for (const header of ["request-id", "x-request-id"]) {
    if (!response.headers.get(header)?.startsWith("req_")) throw new Error(`no ${header}`);
  }
  requireNoLeak(raw, secrets);
  const message = family.messageOf(body, response);
  if (typeof message !== "string" || message.length < 5) throw new Error(`no message: ${raw}`);
  return { message, body };
}

/** Throws when a reply shows a secret, a path of the host or a stack. */
export function requireNoLeak(raw: string, secrets: readonly string[]): void {
  for (const secret of [...secrets, tmpdir() + "/", import.meta.dir, "node_modules", ".ts:"]) {
    if (raw.includes(secret)) throw new Error(`it shows ${secret}: ${raw}`);
  }
  // As text, and as it is within JSON.
  if (/(\n|\\n)\s*at /.test(raw)) throw new Error(`it shows a stack: ${raw}`);
}

function requireKeys(value: object, keys: readonly string[]): void {
  const found = Object.keys(value).toSorted();
  if (found.join() !== keys.join()) throw new Error(`it has ${found.join()}, not ${keys.join()}`);
}

function requireText(value: unknown): void {
  if (typeof value !== "string" || !/^[a-z_]+$/.test(value)) throw new Error(`no word: ${String(value)}`);
}
