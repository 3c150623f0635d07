/** Who watches, who types, and what this viewer is called. */
import { terminalLimits } from "@lodge/shared";
import { Popover, TextInput } from "@mantine/core";
import { IconEye } from "@tabler/icons-react";
import { count } from "../../lib/format.ts";
import type { TerminalPreferences } from "./preferences.ts";
import type { TerminalView } from "./view.ts";
import classes from "./terminal-bar.module.css";

interface ViewersProps {
  view: TerminalView;
  preferences: TerminalPreferences;
  onPreferences: (preferences: TerminalPreferences) => void;
}

export function Viewers({ view: { viewers, viewerId }, preferences, onPreferences }: ViewersProps) {
  if (viewers.length === 0) return null;
  return (
    // Within the bar: what is elsewhere in the page would not be seen in full screen.
    <Popover position="bottom-start" width={280} withinPortal={false} trapFocus>
      <Popover.Target>
        <button
          type="button"
          className={classes["viewers"]}
          title={viewers.map(({ name }) => name).join("\n")}
          aria-label={`Who is watching: ${count(viewers.length, "viewer")}`}
        >
          <IconEye size={14} aria-hidden /> {viewers.length}
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        <ul className={classes["names"]} aria-label="Who is watching">
          {viewers.map(({ id, name, role, rttMs }) => (
            <li key={id}>
              <strong>{name}</strong>
              <span>
                {[
                  ...(id === viewerId ? ["you"] : []),
                  ...(role === "control" ? ["types"] : []),
                  ...(rttMs === null ? [] : [`${Math.round(rttMs)} ms`]),
                ].join(" · ")}
              </span>
            </li>
          ))}
        </ul>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const name = new FormData(event.currentTarget).get("name");
            onPreferences({ ...preferences, name: typeof name === "string" ? name.trim() : "" });
          }}
        >
          <TextInput
            name="name"
            size="xs"
            label="Your name"
            description="As others who watch see it. Enter keeps it."
            defaultValue={preferences.name}
            maxLength={terminalLimits.viewerName / 2}
          />
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
