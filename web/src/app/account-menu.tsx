/** What concerns the person rather than the sessions. */
import { ActionIcon, Kbd, Menu } from "@mantine/core";
import { IconBell, IconBellOff, IconDots, IconKeyboard, IconLogout } from "@tabler/icons-react";
import { useState } from "react";
import { useApp } from "./context.ts";
import { useAttentionSetting } from "./use-attention.ts";

export function AccountMenu({ onHelp }: { onHelp: () => void }) {
  const { auth } = useApp();
  const attention = useAttentionSetting();
  const [problem, setProblem] = useState<string | null>(null);
  const [opened, setOpened] = useState(false);

  function logOut(): void {
    setProblem(null);
    // Stays open, with the reason, when the server did not hear of it: the cookie would still be good.
    auth.logout().catch((error: unknown) => setProblem(error instanceof Error ? error.message : String(error)));
  }

  return (
    // Inside the header rather than at the end of the document, so that it belongs to a landmark.
    <Menu
      position="bottom-end"
      width={240}
      withinPortal={false}
      withInitialFocusPlaceholder={false}
      opened={opened}
      onChange={setOpened}
    >
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Menu">
          <IconDots size={18} stroke={1.7} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconKeyboard size={16} aria-hidden />} rightSection={<Kbd>?</Kbd>} onClick={onHelp}>
          Keyboard shortcuts
        </Menu.Item>
        {attention.isPossible ? (
          <Menu.Item
            leftSection={attention.isOn ? <IconBellOff size={16} aria-hidden /> : <IconBell size={16} aria-hidden />}
            onClick={() => void attention.set(!attention.isOn)}
          >
            {attention.isOn ? "No more notifications" : "Notify me when a session waits"}
          </Menu.Item>
        ) : null}
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} closeMenuOnClick={false} onClick={logOut}>
          Log out
        </Menu.Item>
        {problem === null ? null : <Menu.Label role="alert">You are still logged in. {problem} Try again.</Menu.Label>}
      </Menu.Dropdown>
    </Menu>
  );
}
