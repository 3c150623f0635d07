/** Finds words on the screen and in what has scrolled away. */
import { ActionIcon, CloseButton, TextInput } from "@mantine/core";
import { IconChevronDown, IconChevronUp } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import type { XtermScreen } from "./xterm-screen.ts";
import classes from "./pane.module.css";

export function FindBar({ screen, onClose }: { screen: XtermScreen; onClose: () => void }) {
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
