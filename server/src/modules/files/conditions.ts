/** Conditional requests, in the order in which HTTP has them judged (RFC 9110, section 13.2.2). */
import { ApiError } from "../../http/errors.ts";
import type { Version } from "../../workspaces/files/index.ts";

/** Whether a reader has this version already. @throws ApiError when it asked for another one only */
export function isNotModified(headers: Headers, version: Version): boolean {
  requireMatch(headers, version);
  const none = headers.get("if-none-match");
  if (none !== null) return none.trim() === "*" || tagsOf(none).some((tag) => weak(tag) === weak(version.etag));
  const since = dateOf(headers.get("if-modified-since"));
  return since !== null && seconds(version.modified) <= since;
}

/** Whether a writer may go on. @throws ApiError when the file is not what the writer believes */
export function requireUnchanged(headers: Headers, current: Version | null): void {
  requireMatch(headers, current);
  const none = headers.get("if-none-match");
  if (none === null || current === null) return;
  if (none.trim() === "*" || tagsOf(none).some((tag) => weak(tag) === weak(current.etag))) {
    throw failed("There is such a file already.");
  }
}

/** Whether a range is of the version that its asker holds the rest of; without `if-range` it is taken to be. */
export function isSameRange(headers: Headers, version: Version): boolean {
  const condition = headers.get("if-range")?.trim();
  if (condition === undefined) return true;
  if (condition.startsWith('"')) return condition === version.etag;
  return dateOf(condition) === seconds(version.modified);
}

function requireMatch(headers: Headers, current: Version | null): void {
  const match = headers.get("if-match");
  if (match !== null) {
    const matches = current !== null && (match.trim() === "*" || tagsOf(match).includes(current.etag));
    if (!matches) throw failed("The file is not the version that `if-match` names: read it again.");
    return;
  }
  const since = dateOf(headers.get("if-unmodified-since"));
  if (since === null) return;
  if (current === null || seconds(current.modified) > since) throw failed("The file was changed since.");
}

const failed = (message: string) => new ApiError("precondition_failed", message);

/** A tag may hold commas, so the list is not split at them. */
const tagsOf = (list: string): string[] => list.match(/(?:W\/)?"[^"]*"/g) ?? [];

const weak = (tag: string): string => tag.replace(/^W\//, "");

/** HTTP's dates have no fractions of a second. */
const seconds = (date: Date): number => Math.floor(date.getTime() / 1000);

/** Null when there is none, or none that can be read: HTTP has it ignored then. */
function dateOf(text: string | null): number | null {
  const time = Date.parse(text ?? "");
  return Number.isNaN(time) ? null : Math.floor(time / 1000);
}
