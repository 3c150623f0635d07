/** Finds words on the screen and in what has scrolled away. */
import { ActionIcon, CloseButton, TextInput } from "@mantine/core";
import { IconChevronDown, IconChevronUp } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import type { XtermScreen } from "./xterm-screen.ts";
import classes from "./pane.module.css";

interface FindBarProps {
  screen: XtermScreen;
  /** Places, and which one of them is shown, from 0; -1 for none, or for more than are counted. */
  found: { count: number; shown: number };
  onClose: () => void;
}

export function FindBar({ screen, found, onClose }: FindBarProps) {
  const [text, setText] = useState("");
  const [isFound, setIsFound] = useState(true);
  useEffect(() => () => screen.endFind(), [screen]);

  function find(direction: "next" | "previous", words = text, isTyping = false): void {
    setIsFound(words === "" || screen.find(words, direction, isTyping));
  }

  function close(): void {
    onClose();
    screen.focus();
  }

  return (
    <div className={classes["find"]} role="search">
      <TextInput
        size="xs"
        aria-label="Find in the terminal"
        placeholder="Find"
        autoFocus
        value={text}
        error={isFound ? null : "Not found"}
        onChange={(event) => {
          setText(event.currentTarget.value);
          find("previous", event.currentTarget.value, true);
        }}
        onKeyDown={(event) => {
          if (event.key === "Escape") close();
          else if (event.key === "Enter") find(event.shiftKey ? "next" : "previous");
        }}
      />
      <span className={classes["found"]} role="status" aria-label="Found">
        {text === "" || !isFound ? "" : found.shown < 0 ? String(found.count) : `${found.shown + 1} of ${found.count}`}
      </span>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label="Earlier"
        title="Earlier (Enter)"
        onClick={() => find("previous")}
      >
        <IconChevronUp size={16} aria-hidden />
      </ActionIcon>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label="Later"
        title="Later (Shift+Enter)"
        onClick={() => find("next")}
      >
        <IconChevronDown size={16} aria-hidden />
      </ActionIcon>
      <CloseButton size="sm" aria-label="Close the search" onClick={close} />
    </div>
  );
}
