/** Parts of a page side by side, with a divider that is moved by hand or by arrow keys, and stays where it was put. */
import { Splitter } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import type { ReactElement } from "react";
import classes from "./divided.module.css";

/** Per cent of the width. */
const usual = 60;
const smallest = 20;

export function Divided({ parts, label }: { parts: readonly ReactElement[]; label: string }) {
  const [first, setFirst] = useLocalStorage({
    key: "lodge-divider",
    defaultValue: usual,
    getInitialValueInEffect: false,
    deserialize: (text) => within(Number(text ?? usual)),
  });
  const [left, right] = parts;
  if (left === undefined || right === undefined) return <div className={classes["one"]}>{parts}</div>;
  return (
    <Splitter
      className={classes["parts"] ?? ""}
      sizes={[first, 100 - first]}
      onSizeChange={([size]) => setFirst(within(Number(size)))}
      lineSize={1}
      handleColor="var(--lodge-line)"
      step={2}
      attributes={{ handle: { "aria-label": label } }}
    >
      <Splitter.Pane defaultSize={usual} min={smallest} className={classes["pane"] ?? ""}>
        {left}
      </Splitter.Pane>
      <Splitter.Pane defaultSize={100 - usual} min={smallest} className={classes["pane"] ?? ""}>
        {right}
      </Splitter.Pane>
    </Splitter>
  );
}

const within = (size: number): number =>
  Number.isFinite(size) ? Math.min(100 - smallest, Math.max(smallest, Math.round(size * 10) / 10)) : usual;
