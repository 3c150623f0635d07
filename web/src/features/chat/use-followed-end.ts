/** Keeps the end of a list in sight while it grows, unless somebody has scrolled up to read. */
import { type RefObject, useCallback, useLayoutEffect, useRef } from "react";

/** Pixels from the end within which one still is at the end. */
const nearPx = 48;

/**
 * @param content what the list shows; a longer one than before brings its end into sight
 * @returns what the list's element is given as its `ref` and its `onScroll`
 */
export function useFollowedEnd(content: readonly unknown[]): [RefObject<HTMLDivElement | null>, () => void] {
  const ref = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const length = useRef(0);
  useLayoutEffect(() => {
    const list = ref.current;
    // Who says something wants to see what comes of it.
    if (content.length > length.current) isAtEnd.current = true;
    length.current = content.length;
    if (list !== null && isAtEnd.current) list.scrollTop = list.scrollHeight;
  }, [content]);
  const onScroll = useCallback(() => {
    const list = ref.current;
    if (list !== null) isAtEnd.current = list.scrollHeight - list.scrollTop - list.clientHeight < nearPx;
  }, []);
  return [ref, onScroll];
}
