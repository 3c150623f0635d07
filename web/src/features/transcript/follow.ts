/** Follows one session's transcript: its end first, then back to its beginning, then what is said next. */
import type { TranscriptPage } from "@lodge/shared";
import type { Store } from "../../lib/store.ts";
import { applyPage, emptyLog, maxEntries, type TranscriptLog } from "./log.ts";

export interface TranscriptView {
  log: TranscriptLog;
  /** `loading` until the first page; `filling` while older pages come in. */
  status: "loading" | "filling" | "complete";
  /** Why the latest page did not come, for a person; what was there stays. */
  problem: string | null;
}

export const unknownTranscript: TranscriptView = { log: emptyLog, status: "loading", problem: null };

export interface PageRequest {
  after?: string;
  before?: string;
  limit: number;
}

/** Few entries at first, so that there is something to read at once; then as many as a page holds. */
const firstPage = 100;
const laterPages = 500;

export interface TranscriptFollower extends Disposable {
  /** Something may have been written: asks for it, and for whatever could not be had before. */
  readonly poke: () => void;
}

/**
 * @param view starts from what it holds, and is kept current
 * @param fetchPage rejects with words for a person
 */
export function followTranscript(
  view: Store<TranscriptView>,
  fetchPage: (request: PageRequest) => Promise<TranscriptPage>,
): TranscriptFollower {
  let disposed = false;
  let running = false;
  let again = false;

  function change(changes: Partial<TranscriptView>): void {
    if (!disposed) view.set({ ...view.get(), ...changes });
  }

  async function once(): Promise<void> {
    if (view.get().log.newer === null) {
      const page = await fetchPage({ limit: firstPage });
      change({ log: applyPage(view.get().log, page, "end"), status: "filling" });
    } else {
      await catchUp();
    }
    await fill();
    change({ status: "complete" });
  }

  async function catchUp(): Promise<void> {
    for (;;) {
      const { log } = view.get();
      if (disposed || log.newer === null) return;
      const page = await fetchPage({ after: log.newer, limit: laterPages });
      const next = applyPage(log, page, "newer");
      if (next !== log) change({ log: next, ...(page.replaced ? { status: "filling" } : {}) });
      if (!page.more) return;
    }
  }

  async function fill(): Promise<void> {
    for (;;) {
      const { log } = view.get();
      // What is being said now is not kept waiting by what was said long ago.
      if (disposed || again || log.older === null || log.entries.length >= maxEntries) return;
      const page = await fetchPage({ before: log.older, limit: laterPages });
      change({ log: applyPage(log, page, "older") });
    }
  }

  async function run(): Promise<void> {
    do {
      again = false;
      try {
        await once();
        if (view.get().problem !== null) change({ problem: null });
      } catch (error) {
        change({ problem: error instanceof Error ? error.message : String(error) });
      }
    } while (again);
    running = false;
  }

  function poke(): void {
    if (disposed) return;
    again = true;
    if (running) return;
    running = true;
    void run();
  }

  poke();
  return {
    poke,
    [Symbol.dispose]() {
      disposed = true;
      again = false;
    },
  };
}
