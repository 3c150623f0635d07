/** Listens for the shortcuts, except where keys are text. */
import { useLocalStorage } from "@mantine/hooks";
import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { stepRow } from "./rows.ts";
import { shortcutFor, type Typed } from "./shortcuts.ts";

export function useShortcuts(showHelp: () => void, showPalette: () => void) {
  const navigate = useNavigate();
  // Single-key shortcuts must be possible to switch off: WCAG 2.1.4, for people who speak to their computer.
  const [enabled, setEnabled] = useLocalStorage({
    key: "lodge-shortcuts",
    defaultValue: true,
    getInitialValueInEffect: false,
  });

  useEffect(() => {
    let before: Typed | null = null;
    const onKeyDown = (event: KeyboardEvent) => {
      // With a modifier it cannot be meant for a field, nor come from speaking to the computer.
      if (isPaletteKey(event)) {
        event.preventDefault();
        return showPalette();
      }
      if (!enabled) return;
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTaken(event.target)) return;
      const typed = { key: event.key, at: event.timeStamp };
      const action = shortcutFor(typed, before);
      before = action === null ? typed : null;
      if (action === null) return;
      event.preventDefault();
      switch (action.type) {
        case "palette":
          return showPalette();
        case "filter":
          document.querySelector<HTMLInputElement>("input[type=search]")?.select();
          return;
        case "next":
          return stepRow(1);
        case "previous":
          return stepRow(-1);
        case "go":
          return void navigate({ to: action.to });
        case "new_job":
          return void navigate({ to: "/work/new" });
        case "help":
          return showHelp();
      }
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [enabled, navigate, showHelp, showPalette]);

  return { enabled, setEnabled };
}

function isPaletteKey({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): boolean {
  return key.toLowerCase() === "k" && ctrlKey !== metaKey && !altKey && !shiftKey;
}

/** Keys belong to a field that is typed in, and to a menu or dialog that is open. */
function isTaken(target: EventTarget | null): boolean {
  if (document.querySelector("[role=dialog], [role=menu]") !== null) return true;
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}
