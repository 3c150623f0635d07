/**
 * Keeps the scrollbar from being moved with every line. xterm.js 6.0 does so, at the price of some writes to the page
 * and a timer each: the greater part of the time that it takes to show a session with a long past. What is written is
 * parsed in one go, so once after that is as good.
 */
import type { Terminal } from "@xterm/xterm";

/** Not told by the public interface. */
interface Viewport {
  /** @param ydisp the line to show first; where it is absent, the one that the buffer says */
  _sync?(ydisp?: number): void;
}

/** Once the terminal is open. */
export function scrollOnce(terminal: Terminal): void {
  const { _viewport: viewport } = (terminal as unknown as { _core: { _viewport?: Viewport } })._core;
  const sync = viewport?._sync?.bind(viewport);
  if (!viewport || !sync) return;
  let isQueued = false;
  viewport._sync = (ydisp) => {
    if (ydisp !== undefined) return sync(ydisp);
    if (isQueued) return;
    isQueued = true;
    queueMicrotask(() => {
      isQueued = false;
      sync();
    });
  };
}
