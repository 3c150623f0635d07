/** Who did what, under `/api/audit`: all of it, the latest first. */
import { actionsOf, auditPage, type AuditPage, auditQuery } from "@lodge/shared";
import { Elysia } from "elysia";
import type { AuditTrail } from "../terminals/audit.ts";

const pageSize = 100;

export const auditLog = (trail: Pick<AuditTrail, "list">) =>
  new Elysia({ name: "audit-log", detail: { tags: ["Dashboard"] } }).get(
    "/api/audit",
    ({ query: { who, kind, session, before } }): AuditPage => {
      // One more than shown tells whether there is a next page.
      const found = trail.list({
        who: who === "" ? undefined : who,
        actions: kind === undefined ? undefined : actionsOf[kind],
        sessionId: session === "" ? undefined : session,
        before,
        limit: pageSize + 1,
      });
      const entries = found.slice(0, pageSize);
      return { entries, next: found.length > entries.length ? (entries.at(-1)?.id ?? null) : null };
    },
    { query: auditQuery, response: auditPage, detail: { summary: "Who did what, the latest first" } },
  );
