/** What can be done with the file or folder that is shown. */
import { ActionIcon, Menu } from "@mantine/core";
import {
  IconCopy,
  IconDots,
  IconDownload,
  IconFilePlus,
  IconFolderPlus,
  IconFolderUp,
  IconPencil,
  IconTrash,
  IconUpload,
  type TablerIcon,
} from "@tabler/icons-react";
import { useRef } from "react";
import type { PathTask } from "./path-dialog.tsx";
import { nameOf } from "./paths.ts";
import { archiveAddress, contentAddress } from "./requests.ts";
import type { Files } from "./use-files.ts";

interface ActionsProps {
  workspace: string;
  path: string;
  kind: "folder" | "file";
  files: Files;
  onTask: (task: PathTask) => void;
}

export function ItemActions({ workspace, path, kind, files, onTask }: ActionsProps) {
  const name = nameOf(path) || workspace;
  return (
    <>
      <ActionIcon
        component="a"
        variant="subtle"
        color="gray"
        href={kind === "file" ? contentAddress(workspace, path, true) : archiveAddress(workspace, path)}
        download
        title={kind === "file" ? `Download ${name}` : `Download ${name} as ZIP`}
        aria-label={kind === "file" ? `Download ${name}` : `Download ${name} as ZIP`}
      >
        <IconDownload size={16} aria-hidden />
      </ActionIcon>
      {path === "" ? null : (
        <Menu position="bottom-end" withinPortal>
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" title={`More for ${name}`} aria-label={`More for ${name}`}>
              <IconDots size={16} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconPencil size={14} />} onClick={() => onTask({ type: "move", path })}>
              Rename or move
            </Menu.Item>
            <Menu.Item leftSection={<IconCopy size={14} />} onClick={() => onTask({ type: "copy", path })}>
              Copy
            </Menu.Item>
            <Menu.Item leftSection={<IconTrash size={14} />} color="red" onClick={() => void files.delete(path)}>
              Delete
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
    </>
  );
}

/** For what is new in a folder. */
export function FolderTools({ folder, files, onTask }: { folder: string } & Pick<ActionsProps, "files" | "onTask">) {
  const some = useRef<HTMLInputElement>(null);
  const whole = useRef<HTMLInputElement>(null);
  const where = folder === "" ? "the workspace" : folder;
  const take = (field: HTMLInputElement) => {
    files.upload(folder, [...(field.files ?? [])]);
    // The same file can be chosen again.
    field.value = "";
  };
  return (
    <>
      <Tool label={`New file in ${where}`} Icon={IconFilePlus} run={() => onTask({ type: "new-file", folder })} />
      <Tool label={`New folder in ${where}`} Icon={IconFolderPlus} run={() => onTask({ type: "new-folder", folder })} />
      <Tool label={`Upload files to ${where}`} Icon={IconUpload} run={() => some.current?.click()} />
      <Tool label={`Upload a folder to ${where}`} Icon={IconFolderUp} run={() => whole.current?.click()} />
      <input
        ref={some}
        type="file"
        multiple
        hidden
        aria-label="Files to upload"
        onChange={(event) => take(event.currentTarget)}
      />
      <input
        ref={whole}
        type="file"
        hidden
        aria-label="Folder to upload"
        {...{ webkitdirectory: "" }}
        onChange={(event) => take(event.currentTarget)}
      />
    </>
  );
}

function Tool({ label, Icon, run }: { label: string; Icon: TablerIcon; run: () => void }) {
  return (
    <ActionIcon variant="subtle" color="gray" title={label} aria-label={label} onClick={run}>
      <Icon size={16} aria-hidden />
    </ActionIcon>
  );
}
