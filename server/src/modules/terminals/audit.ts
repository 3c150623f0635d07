import { Elysia } from "elysia";
import { z } from "zod";
/** Notes who attaches, takes the control, types and answers. Typing is summed up: an entry for each key would tell what was typed. */
import { type AuditAction, type AuditEntry, auditActions, type AuditStore } from "../../store/audit-store.ts";
import type { TerminalObserver, Viewer } from "../../terminals/index.ts";

/** Milliseconds of typing that one entry sums up. */
const typingMs = 10_000;
/** Entries in one reply. */
const pageSize = 500;

interface Typing {
  bytes: number;
  timer: NodeJS.Timeout;
}

export class AuditTrail implements Disposable {
  readonly #store: AuditStore;
  readonly #onFailure: (error: unknown) => void;
  readonly #typing = new Map<Viewer, Typing>();

  constructor(store: AuditStore, onFailure: (error: unknown) => void) {
    this.#store = store;
    this.#onFailure = onFailure;
  }

  /** For the terminal of one session. */
  observer(sessionId: string): TerminalObserver {
    const note = (viewer: Viewer, action: AuditAction) =>
      this.#add({ sessionId, who: viewer.name, action, bytes: null, detail: null });
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

  answered(sessionId: string, option: string): void {
    this.#add({ sessionId, who: null, action: "answered", bytes: null, detail: option });
  }

  list(sessionId: string): AuditEntry[] {
    return this.#store.list(sessionId, pageSize);
  }

  [Symbol.dispose](): void {
    for (const { timer } of this.#typing.values()) clearTimeout(timer);
    this.#typing.clear();
  }

  /** A full disk must not keep anybody from typing. */
  #add(entry: Omit<AuditEntry, "at">): void {
    try {
      this.#store.add({ ...entry, at: Date.now() });
    } catch (error) {
      this.#onFailure(error);
    }
  }
}

const entry = z.object({
  sessionId: z.uuid(),
  at: z.number().int(),
  who: z.string().nullable(),
  action: z.enum(auditActions),
  bytes: z.number().int().nullable(),
  detail: z.string().nullable(),
});

export const audit = (trail: Pick<AuditTrail, "list">) =>
  new Elysia({ name: "audit", detail: { tags: ["Terminals"] } }).get(
    "/api/sessions/:id/audit",
    ({ params: { id } }) => ({ entries: trail.list(id) }),
    {
      params: z.object({ id: z.uuid() }),
      response: z.object({ entries: z.array(entry).max(pageSize) }),
      detail: { summary: "Who attached to a session's terminal, typed and answered, the latest first" },
    },
  );
