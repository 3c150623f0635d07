/**
 * Moves a terminal that is larger than its window with a finger. The emulator takes all touches for its own scrollback;
 * it gets those that move nothing here.
 */
export function panByTouch(host: HTMLElement): Disposable {
  let latest: Touch | null = null;
  const onStart = ({ touches }: TouchEvent) => {
    latest = touches.length === 1 ? (touches[0] ?? null) : null;
  };
  const onMove = (event: TouchEvent) => {
    const touch = event.touches[0];
    if (latest === null || touch === undefined || event.touches.length !== 1) return;
    const before = [host.scrollLeft, host.scrollTop];
    host.scrollBy({ left: latest.clientX - touch.clientX, top: latest.clientY - touch.clientY, behavior: "instant" });
    latest = touch;
    if (host.scrollLeft === before[0] && host.scrollTop === before[1]) return;
    event.stopPropagation();
    event.preventDefault();
  };
  // Before the emulator, which is inside.
  host.addEventListener("touchstart", onStart, { capture: true, passive: true });
  host.addEventListener("touchmove", onMove, { capture: true, passive: false });
  return {
    [Symbol.dispose]() {
      host.removeEventListener("touchstart", onStart, { capture: true });
      host.removeEventListener("touchmove", onMove, { capture: true });
    },
  };
}
