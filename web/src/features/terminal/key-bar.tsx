/** Keys that a phone's keyboard lacks. */
import type { TerminalConnection } from "./connection.ts";
import { type BarKey, barKeys, keySequence } from "./keys.ts";
import type { XtermScreen } from "./xterm-screen.ts";
import classes from "./pane.module.css";

interface KeyBarProps {
  parts: { screen: XtermScreen; connection: TerminalConnection };
  isCtrl: boolean;
  setCtrl: (isHeld: boolean) => void;
}

const names: Partial<Record<BarKey, string>> = { "←": "Left", "↑": "Up", "→": "Right", "↓": "Down" };
const encoder = new TextEncoder();

export function KeyBar({ parts: { screen, connection }, isCtrl, setCtrl }: KeyBarProps) {
  function press(key: BarKey): void {
    if (key === "Ctrl") return setCtrl(!isCtrl);
    setCtrl(false);
    connection.input(encoder.encode(keySequence(key, screen.takesApplicationKeys)));
  }

  return (
    <div className={classes["keys"]} role="toolbar" aria-label="Keys">
      {barKeys.map((key) => (
        <button
          key={key}
          type="button"
          aria-label={names[key] ?? key}
          aria-pressed={key === "Ctrl" ? isCtrl : undefined}
          // The focus stays in the terminal, and with it the phone's keyboard on the screen.
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => press(key)}
        >
          {key}
        </button>
      ))}
    </div>
  );
}
