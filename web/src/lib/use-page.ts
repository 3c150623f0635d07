/** What every page does when it is shown: names itself in the title, and takes the focus so that screen readers say it. */
import { type RefObject, useEffect, useRef } from "react";

/** The document was just loaded: the browser puts the focus where it belongs by itself. */
let isFirstPage = true;

/** @returns to put on the page's `h1`, which needs `tabIndex={-1}` */
export function usePage(title: string): RefObject<HTMLHeadingElement | null> {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Lodge`;
  }, [title]);
  useEffect(() => {
    if (!isFirstPage) heading.current?.focus({ preventScroll: true });
    isFirstPage = false;
  }, []);
  return heading;
}
