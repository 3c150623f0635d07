/** Rows before the first answer, as high as the real ones, so that nothing moves when those come. */
import { Skeleton } from "@mantine/core";
import classes from "./row-skeletons.module.css";

export function RowSkeletons({ label }: { label: string }) {
  return (
    <div className={classes["rows"]} aria-busy aria-label={label} role="status">
      {["58%", "72%", "49%", "66%"].map((width) => (
        <div key={width}>
          <Skeleton height={10} width="6rem" radius="xl" />
          <Skeleton height={10} width={width} radius="xl" />
          <Skeleton height={10} width="5rem" radius="xl" />
        </div>
      ))}
    </div>
  );
}
