/**
 * When a reply that the server sends by itself, as it does with files, is over. It tells nobody, but can be asked; so what
 * a reply holds is let go of soon after its end rather than at it, and never before.
 */
import { contextOf } from "./request-context.ts";

/** Milliseconds between two looks. */
const lookMs = 500;

interface Waiting {
  isOpen: () => boolean;
  end: () => void;
}

const waiting = new Set<Waiting>();
let timer: Timer | undefined;

export function replyEnd(request: Request): Promise<void> {
  const { promise, resolve: end } = Promise.withResolvers<void>();
  const isOpen = contextOf(request).isOpen ?? (() => !request.signal.aborted);
  waiting.add({ isOpen, end });
  timer ??= setInterval(look, lookMs).unref();
  return promise;
}

function look(): void {
  for (const entry of waiting) {
    if (entry.isOpen()) continue;
    waiting.delete(entry);
    entry.end();
  }
  if (waiting.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}
