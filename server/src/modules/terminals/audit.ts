/**
 * Notes who does what: who attaches, takes the control, types and answers, who logs in, ends a session, deletes a file.
 * Typing is summed up: an entry for each key would tell what was typed.
 */
import { type AuditAction, auditEntry, type AuditEntry } from "@lodge/shared";
import { Elysia } from "elysia";
import { z } from "zod";
import type { AuditFilter, AuditStore } from "../../store/audit-store.ts";
import type { TerminalObserver, Viewer } from "../../terminals/index.ts";

/** Milliseconds of typing that one entry sums up. */
const typingMs = 10_000;
/** Milliseconds of failed logins that one entry sums up: whoever tries many must not push all else out. */
const failuresMs = 60_000;
/** Entries in one reply. */
const pageSize = 500;

interface Typing {
  bytes: number;
  timer: NodeJS.Timeout;
}

/** Something that was done, by whom. */
export type AuditNote = { who: string | null; action: AuditAction } & Partial<Pick<AuditEntry, "sessionId" | "detail">>;

export type NoteAudit = (note: AuditNote) => void;

export class AuditTrail implements Disposable {
  readonly #store: AuditStore;
  readonly #onFailure: (error: unknown) => void;
  readonly #typing = new Map<Viewer, Typing>();
  /** Failed logins since the last that was noted. */
  #failures = 0;
  #failuresTimer: NodeJS.Timeout | undefined;

  constructor(store: AuditStore, onFailure: (error: unknown) => void) {
    this.#store = store;
    this.#onFailure = onFailure;
  }

  /** For the terminal of one session. */
  observer(sessionId: string): TerminalObserver {
    const note = (viewer: Viewer, action: AuditAction) => this.note({ sessionId, who: viewer.name, action });
    const flush = (viewer: Viewer) => {
      const typing = this.#typing.get(viewer);
      if (!typing) return;
      clearTimeout(typing.timer);
      this.#typing.delete(viewer);
      this.#add({ sessionId, who: viewer.name, action: "typed", bytes: typing.bytes, detail: null });
    };
    return {
      attached: (viewer) => note(viewer, "attached"),
      left: (viewer) => {
        flush(viewer);
        note(viewer, "left");
      },
      controlTaken: (viewer) => note(viewer, "took_control"),
      controlGivenUp: (viewer) => {
        flush(viewer);
        note(viewer, "gave_up_control");
      },
      typed: (viewer, bytes) => {
        const typing = this.#typing.get(viewer);
        if (typing) typing.bytes += bytes;
        else this.#typing.set(viewer, { bytes, timer: setTimeout(() => flush(viewer), typingMs) });
      },
    };
  }

  note({ who, action, sessionId = null, detail = null }: AuditNote): void {
    this.#add({ who, action, sessionId, detail, bytes: null });
  }

  /** The first is noted at once, those that follow within a minute together. @param address where it came from */
  loginFailed(address: string | null): void {
    if (this.#failuresTimer) {
      this.#failures++;
      return;
    }
    this.note({ who: address, action: "login_failed" });
    this.#failuresTimer = setTimeout(() => this.#sumUpFailures(), failuresMs);
  }

  list(filter: AuditFilter): AuditEntry[] {
    return this.#store.list(filter);
  }

  [Symbol.dispose](): void {
    for (const { timer } of this.#typing.values()) clearTimeout(timer);
    this.#typing.clear();
    if (this.#failuresTimer) this.#sumUpFailures();
  }

  #sumUpFailures(): void {
    clearTimeout(this.#failuresTimer);
    this.#failuresTimer = undefined;
    const failures = this.#failures;
    this.#failures = 0;
    if (failures > 0) this.note({ who: null, action: "login_failed", detail: `${failures} more in a minute` });
  }

  /** A full disk must not keep anybody from typing. */
  #add(entry: Omit<AuditEntry, "id" | "at">): void {
    try {
      this.#store.add({ ...entry, at: Date.now() });
    } catch (error) {
      this.#onFailure(error);
    }
  }
}

export const audit = (trail: Pick<AuditTrail, "list">) =>
  new Elysia({ name: "audit", detail: { tags: ["Terminals"] } }).get(
    "/api/sessions/:id/audit",
    ({ params: { id } }) => ({ entries: trail.list({ sessionId: id, limit: pageSize }) }),
    {
      params: z.object({ id: z.uuid() }),
      response: z.object({ entries: z.array(auditEntry).max(pageSize) }),
      detail: { summary: "Who attached to a session's terminal, typed and answered, the latest first" },
    },
  );
