/** Keeps the end of a list in sight while it grows, unless somebody has scrolled up to read. */
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef } from "react";

/** Pixels from the end within which one still is at the end. */
const nearPx = 48;

/**
 * @param count of what the list shows; another than before brings its end into sight
 * @returns what the list's element is given as its `ref` and its `onScroll`
 */
export function useFollowedEnd(count: number): [RefObject<HTMLDivElement | null>, () => void] {
  const ref = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const counted = useRef(0);

  /** Where it was scrolled to the last time: whoever is above that has scrolled, although no event has told of it yet. */
  const scrolledTo = useRef(0);

  const follow = useCallback(() => {
    const list = ref.current;
    if (list === null) return;
    if (list.scrollTop < scrolledTo.current) isAtEnd.current = false;
    if (!isAtEnd.current) return;
    list.scrollTop = list.scrollHeight;
    scrolledTo.current = list.scrollTop;
  }, []);

  useLayoutEffect(() => {
    if (count !== counted.current) {
      // Who says something wants to see what comes of it.
      isAtEnd.current = true;
      scrolledTo.current = 0;
    }
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
    if (list === null) return;
    isAtEnd.current = list.scrollHeight - list.scrollTop - list.clientHeight < nearPx;
    scrolledTo.current = list.scrollTop;
  }, []);
  return [ref, onScroll];
}
