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

interface FigureProps {
  name: ReactNode;
  value: string;
  /** Has more to say than the others. */
  isWide?: boolean;
  children: ReactNode;
}

export function Figure({ name, value, isWide = false, children }: FigureProps) {
  return (
    <div data-wide={isWide}>
      <dt>{name}</dt>
      <dd>{value}</dd>
      <dd className={classes["detail"]}>{children}</dd>
    </div>
  );
}
