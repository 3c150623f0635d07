/** Keeps the end of a list in sight while it grows, unless somebody has scrolled up to read. */
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef } from "react";

/** Pixels from the end within which one still is at the end. */
const nearPx = 48;

/**
 * @param count of what the list shows; one more than before brings its end into sight
 * @returns what the list's element is given as its `ref` and its `onScroll`
 */
export function useFollowedEnd(count: number): [RefObject<HTMLDivElement | null>, () => void] {
  const ref = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const counted = useRef(0);

  const follow = useCallback(() => {
    const list = ref.current;
    if (list !== null && isAtEnd.current) list.scrollTop = list.scrollHeight;
  }, []);

  useLayoutEffect(() => {
    // Who says something wants to see what comes of it.
    if (count > counted.current) isAtEnd.current = true;
    counted.current = count;
    follow();
  }, [count, follow]);

  useEffect(() => {
    if (ref.current === null) return undefined;
    // Parts of it render when there is time for them.
    const observer = new MutationObserver(follow);
    observer.observe(ref.current, { childList: true, characterData: true, subtree: true });
    return () => observer.disconnect();
  }, [follow]);

  const onScroll = useCallback(() => {
    const list = ref.current;
    if (list !== null) isAtEnd.current = list.scrollHeight - list.scrollTop - list.clientHeight < nearPx;
  }, []);
  return [ref, onScroll];
}
