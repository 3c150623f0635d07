/** A row of figures that say most of a page at a glance: a name, the figure, and a few words more. */
import type { ReactNode } from "react";
import classes from "./figures.module.css";

export function Figures({ label, children }: { label: string; children: ReactNode }) {
  return (
    <dl className={classes["figures"]} aria-label={label}>
      {children}
    </dl>
  );
}

export function Figure({ name, value, children }: { name: ReactNode; value: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
      <dd className={classes["detail"]}>{children}</dd>
    </div>
  );
}
