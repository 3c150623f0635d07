/** A command to copy. */
import { CopyButton } from "./copy-button.tsx";
import classes from "./command.module.css";

export function Command({ text, label }: { text: string; label: string }) {
  return (
    <div className={classes["command"]}>
      {/* Reachable by keyboard, since it scrolls sideways on a narrow screen. */}
      <pre tabIndex={0} aria-label={label}>
        {text}
      </pre>
      <CopyButton text={text} label="Copy" />
    </div>
  );
}
