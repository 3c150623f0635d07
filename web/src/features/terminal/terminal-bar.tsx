/** What concerns the terminal as a whole: who types, who watches, how the line is, and how it looks. */
import { ActionIcon, Button } from "@mantine/core";
import {
  IconAccessible,
  IconArrowAutofitWidth,
  IconArrowsMaximize,
  IconClipboard,
  IconCopy,
  IconMinus,
  IconPlus,
  IconSearch,
  type TablerIcon,
} from "@tabler/icons-react";
import type { TerminalConnection } from "./connection.ts";
import { LineState } from "./line-state.tsx";
import { fontSizes, type TerminalPreferences } from "./preferences.ts";
import { RendererMenu } from "./renderer-menu.tsx";
import { otherInControl, type TerminalView } from "./view.ts";
import { Viewers } from "./viewers.tsx";
import type { XtermScreen } from "./xterm-screen.ts";
import classes from "./terminal-bar.module.css";

interface TerminalBarProps {
  view: TerminalView;
  parts: { screen: XtermScreen; connection: TerminalConnection } | null;
  hasSelection: boolean;
  preferences: TerminalPreferences;
  onPreferences: (preferences: TerminalPreferences) => void;
  onFind: () => void;
  onFullScreen: () => void;
}

export function TerminalBar(props: TerminalBarProps) {
  const { view, parts, hasSelection, preferences, onPreferences, onFind, onFullScreen } = props;
  const { fontSize, screenReader, isFitted } = preferences;
  const resize = (by: number) => {
    const next = Math.min(fontSizes.largest, Math.max(fontSizes.smallest, fontSize + by));
    onPreferences({ ...preferences, fontSize: next });
  };
  return (
    <div className={classes["bar"]} role="toolbar" aria-label="Terminal">
      <LineState view={view} />
      <Viewers view={view} preferences={preferences} onPreferences={onPreferences} />
      <span className={classes["title"]} title={view.title}>
        {view.title}
      </span>
      <div className={classes["tools"]}>
        {hasSelection ? (
          <Tool label="Copy the selection" Icon={IconCopy} onClick={() => void copy(parts?.screen.selection ?? "")} />
        ) : null}
        {view.role === "control" ? (
          <Tool label="Paste" Icon={IconClipboard} onClick={() => void paste(parts?.screen ?? null)} />
        ) : null}
        <Tool label="Find" Icon={IconSearch} onClick={onFind} />
        <Tool label="Smaller letters" Icon={IconMinus} onClick={() => resize(-1)} />
        <Tool label="Larger letters" Icon={IconPlus} onClick={() => resize(1)} />
        {view.role === "viewer" ? (
          <Tool
            label="Fit to the window"
            Icon={IconArrowAutofitWidth}
            isOn={isFitted}
            onClick={() => onPreferences({ ...preferences, isFitted: !isFitted })}
          />
        ) : null}
        <Tool
          label="Text for screen readers"
          Icon={IconAccessible}
          isOn={screenReader}
          onClick={() => onPreferences({ ...preferences, screenReader: !screenReader })}
        />
        <RendererMenu preferences={preferences} onPreferences={onPreferences} />
        {document.fullscreenEnabled ? (
          <Tool label="Full screen" Icon={IconArrowsMaximize} onClick={onFullScreen} />
        ) : null}
      </div>
      <Control view={view} connection={parts?.connection ?? null} />
    </div>
  );
}

interface ToolProps {
  label: string;
  Icon: TablerIcon;
  isOn?: boolean;
  onClick: () => void;
}

/** With a plain title: a tooltip of the page would not be seen in full screen. */
function Tool({ label, Icon, isOn, onClick }: ToolProps) {
  return (
    <ActionIcon
      variant={isOn === true ? "light" : "subtle"}
      color={isOn === true ? "pine" : "gray"}
      size="md"
      title={label}
      aria-label={label}
      aria-pressed={isOn}
      // Whoever types goes on typing.
      onPointerDown={(event) => event.preventDefault()}
      onClick={onClick}
    >
      <Icon size={15} stroke={1.7} aria-hidden />
    </ActionIcon>
  );
}

function Control({ view, connection }: { view: TerminalView; connection: TerminalConnection | null }) {
  if (view.line.status !== "live" || connection === null || !view.canControl) return null;
  if (view.role === "control") {
    return (
      <Button size="compact-sm" variant="default" onClick={() => connection.releaseControl()}>
        Release control
      </Button>
    );
  }
  const holder = otherInControl(view);
  return (
    <Button
      size="compact-sm"
      title={holder === null ? "Nobody types at the moment" : `${holder.name} types at the moment`}
      onClick={() => connection.takeControl()}
    >
      Take control
    </Button>
  );
}

async function copy(text: string): Promise<void> {
  await navigator.clipboard?.writeText(text).catch(() => {});
}

async function paste(screen: XtermScreen | null): Promise<void> {
  // Without the right to look at the clipboard the keyboard's own paste still works.
  const text = await navigator.clipboard?.readText().catch(() => "");
  if (text !== undefined && text !== "") screen?.paste(text);
  screen?.focus();
}
