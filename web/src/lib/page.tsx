/** A page: its heading, what goes beside it, and the rest. */
import type { ReactNode } from "react";
import { usePage } from "./use-page.ts";
import classes from "./page.module.css";

interface PageProps {
  title: string;
  /** What the browser's tab says, when that is more than the title. */
  documentTitle?: string;
  /** Beside the heading: a few words on the whole. */
  summary?: ReactNode;
  children: ReactNode;
}

export function Page({ title, documentTitle, summary, children }: PageProps) {
  const heading = usePage(documentTitle ?? title);
  return (
    <div className={classes["page"]}>
      <header className={classes["head"]}>
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {summary === undefined ? null : <p>{summary}</p>}
      </header>
      {children}
    </div>
  );
}
