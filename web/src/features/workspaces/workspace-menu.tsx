/** What can be done with a workspace. */
import { ActionIcon, Menu } from "@mantine/core";
import { IconDots, IconFileText, IconPencil, IconSettings, IconTrash } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { DeleteWorkspace } from "./delete-workspace.tsx";
import { RenameWorkspace } from "./rename-workspace.tsx";
import { WorkspaceSettingsForm } from "./settings-form.tsx";

interface WorkspaceMenuProps {
  name: string;
  /** Told under which id a deleted workspace can be brought back. */
  onDeleted: (name: string, id: string) => void;
}

export function WorkspaceMenu({ name, onDeleted }: WorkspaceMenuProps) {
  const [asked, setAsked] = useState<"settings" | "rename" | "delete" | null>(null);
  const close = () => setAsked(null);
  return (
    <>
      <Menu position="bottom-end" shadow="md" withinPortal>
        <Menu.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            // Above the row's own link, which covers all of it.
            style={{ position: "relative", zIndex: 1 }}
            aria-label={`More actions for ${name}`}
          >
            <IconDots size={18} stroke={1.7} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconSettings size={16} aria-hidden />} onClick={() => setAsked("settings")}>
            Settings
          </Menu.Item>
          <Menu.Item
            leftSection={<IconFileText size={16} aria-hidden />}
            renderRoot={(props) => (
              <Link
                to="/workspaces/$name/files/$"
                params={{ name, _splat: "CLAUDE.md" }}
                search={{ edit: true }}
                {...props}
              />
            )}
          >
            CLAUDE.md
          </Menu.Item>
          <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={() => setAsked("rename")}>
            Rename
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item color="red" leftSection={<IconTrash size={16} aria-hidden />} onClick={() => setAsked("delete")}>
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {asked === "settings" ? <WorkspaceSettingsForm name={name} onClose={close} /> : null}
      {asked === "rename" ? <RenameWorkspace name={name} onClose={close} /> : null}
      {asked === "delete" ? (
        <DeleteWorkspace
          name={name}
          onClose={close}
          onDeleted={(id) => {
            close();
            onDeleted(name, id);
          }}
        />
      ) : null}
    </>
  );
}
