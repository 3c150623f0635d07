/** The text filter of a list. Its value lives in the address, which follows the typing. */
import { Kbd, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";

interface FilterFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
}

export function FilterField({ label, value, onChange }: FilterFieldProps) {
  // A copy of its own: the address changes a moment later, and the caret would jump to the end in between.
  const [typed, setTyped] = useState(value);
  const sent = useRef(value);

  // Changed from elsewhere: the back button, a link, "clear".
  useEffect(() => {
    if (value !== sent.current) setTyped(value);
    sent.current = value;
  }, [value]);

  function change(next: string): void {
    setTyped(next);
    sent.current = next;
    onChange(next);
  }

  return (
    <TextInput
      type="search"
      aria-label={label}
      placeholder={label}
      aria-keyshortcuts="/"
      value={typed}
      onChange={(event) => change(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        if (typed === "") event.currentTarget.blur();
        else change("");
      }}
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={
        <Kbd visibleFrom="sm" aria-hidden>
          /
        </Kbd>
      }
    />
  );
}
