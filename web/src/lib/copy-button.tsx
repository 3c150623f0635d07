/** Copies a text, and says so for a moment. */
import { ActionIcon, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy, IconX } from "@tabler/icons-react";
import { useEffect, useState } from "react";

/** Milliseconds for which the outcome is shown. */
const shownMs = 1500;

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [outcome, setOutcome] = useState<"copied" | "failed" | null>(null);
  useEffect(() => {
    if (outcome === null) return undefined;
    const timer = setTimeout(() => setOutcome(null), shownMs);
    return () => clearTimeout(timer);
  }, [outcome]);

  const words =
    outcome === "copied" ? "Copied" : outcome === "failed" ? "Could not copy: select and copy by hand" : label;
  const Icon = outcome === "copied" ? IconCheck : outcome === "failed" ? IconX : IconCopy;
  return (
    <Tooltip label={words} {...(outcome === null ? {} : { opened: true })}>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={words}
        onClick={() => void copy(text).then((done) => setOutcome(done ? "copied" : "failed"))}
      >
        <Icon size={16} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/** Browsers have no clipboard API on plain HTTP unless the server is on the same machine. */
function copyBySelection(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  area.style.opacity = "0";
  document.body.append(area);
  area.select();
  try {
    return document.execCommand("copy");
  } finally {
    area.remove();
  }
}
