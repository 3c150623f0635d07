/** Which part of the audit is shown, as it stands in the address. */
import { type AuditKind, auditKind } from "@lodge/shared";
import { textParam } from "../../lib/text-filter.ts";

export interface AuditSearch {
  who?: string;
  kind?: AuditKind;
  /** Id of a session. */
  session?: string;
}

/** The search parameters of `/audit`; whatever else is in the address is dropped. */
export function auditSearch(given: Record<string, unknown>): AuditSearch {
  const [who, session] = [textParam(given["who"]), textParam(given["session"])];
  const kind = auditKind.options.find((name) => name === given["kind"]);
  return {
    ...(who === undefined ? {} : { who }),
    ...(kind === undefined ? {} : { kind }),
    ...(session === undefined ? {} : { session }),
  };
}
