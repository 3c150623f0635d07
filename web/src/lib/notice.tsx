/** A page, or the body of one, that has nothing to list and says what to do instead. */
import type { ReactNode, RefObject } from "react";
import classes from "./notice.module.css";

interface NoticeProps {
  title: string;
  /** Given when the notice is the whole page, and its title therefore the page's heading. */
  heading?: RefObject<HTMLHeadingElement | null>;
  action?: ReactNode;
  children: ReactNode;
}

export function Notice({ title, heading, action, children }: NoticeProps) {
  return (
    <section className={classes["notice"]}>
      {heading === undefined ? (
        <h2>{title}</h2>
      ) : (
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
      )}
      {children}
      {action === undefined ? null : <div className={classes["action"]}>{action}</div>}
    </section>
  );
}
