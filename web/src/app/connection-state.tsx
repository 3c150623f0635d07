/** Whether what is on the screen is what is happening now. */
import { useStore } from "../lib/store.ts";
import { useApp } from "./context.ts";
import classes from "./header.module.css";

const words = { connecting: "Connecting", live: "Live", reconnecting: "Reconnecting" } as const;

export function ConnectionState() {
  const { status } = useStore(useApp().connection);
  return (
    <div role="status" className={classes["connection"]} data-status={status}>
      <span className={classes["dot"]} aria-hidden />
      {words[status]}
    </div>
  );
}
