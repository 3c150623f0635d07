/** A button for what cannot be taken back: the second click does it, and is not waited for long. */
import { Button } from "@mantine/core";
import { useEffect, useState } from "react";

/** Milliseconds for which the second click is waited for. */
const confirmMs = 4000;

interface TwoClicksProps {
  words: string;
  /** What it says before the second click. */
  asking: string;
  title: string;
  disabled: boolean;
  onConfirm: () => void;
}

export function TwoClicks({ words, asking, title, disabled, onConfirm }: TwoClicksProps) {
  const [isAsked, setIsAsked] = useState(false);
  useEffect(() => {
    if (!isAsked) return undefined;
    const timer = setTimeout(() => setIsAsked(false), confirmMs);
    return () => clearTimeout(timer);
  }, [isAsked]);
  return (
    <Button
      size="compact-sm"
      variant={isAsked ? "filled" : "default"}
      color={isAsked ? "red" : "gray"}
      disabled={disabled}
      title={title}
      onClick={() => {
        setIsAsked(!isAsked);
        if (isAsked) onConfirm();
      }}
    >
      {isAsked ? asking : words}
    </Button>
  );
}
