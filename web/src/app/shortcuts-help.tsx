/** The `?` window. */
import { Kbd, Modal, Switch } from "@mantine/core";
import { shortcuts } from "./shortcuts.ts";
import classes from "./shortcuts-help.module.css";

interface ShortcutsHelpProps {
  opened: boolean;
  onClose: () => void;
  enabled: boolean;
  onEnabled: (enabled: boolean) => void;
}

export function ShortcutsHelp({ opened, onClose, enabled, onEnabled }: ShortcutsHelpProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Keyboard shortcuts"
      size="sm"
      closeButtonProps={{ "aria-label": "Close" }}
      // Mantine makes it a `header`, which screen readers would list as a second one of the page.
      attributes={{ header: { role: "presentation" } }}
    >
      <dl className={classes["list"]}>
        {shortcuts.map(({ keys, words }) => (
          <div key={words}>
            <dt>{words}</dt>
            <dd>
              {keys.map((key, index) => (
                <span key={key}>
                  {index > 0 ? " then " : null}
                  <Kbd>{key}</Kbd>
                </span>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <Switch
        label="Use these shortcuts in this browser"
        checked={enabled}
        onChange={(event) => onEnabled(event.currentTarget.checked)}
      />
    </Modal>
  );
}
