/** Asks for a path: of something new, or of where something is to be. */
import { Button, Group, Modal, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { joined, nameOf, parentOf, tidy } from "./paths.ts";

export type PathTask = { type: "new-file" | "new-folder"; folder: string } | { type: "move" | "copy"; path: string };

const titles: Record<PathTask["type"], string> = {
  "new-file": "New file",
  "new-folder": "New folder",
  move: "Rename or move",
  copy: "Copy",
};

const buttons: Record<PathTask["type"], string> = {
  "new-file": "Create",
  "new-folder": "Create",
  move: "Move",
  copy: "Copy",
};

interface PathDialogProps {
  task: PathTask;
  /** Does it; its failure is shown beside the field. */
  run: (task: PathTask, path: string) => Promise<void>;
  onClose: () => void;
}

export function PathDialog({ task, run, onClose }: PathDialogProps) {
  const [typed, setTyped] = useState(() => firstPath(task));
  const work = useMutation({ mutationFn: (path: string) => run(task, path), onSuccess: onClose });
  const path = tidy(typed);
  return (
    <Modal
      opened
      onClose={onClose}
      title={titles[task.type]}
      closeButtonProps={{ "aria-label": "Close" }}
      // Mantine makes it a `header`, which screen readers would list as a second one of the page.
      attributes={{ header: { role: "presentation" } }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (path !== "") work.mutate(path);
        }}
      >
        <TextInput
          data-autofocus
          label="Path in the workspace"
          description="Folders on the way are made."
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          ref={selectName}
          error={work.error?.message}
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="none"
        />
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={work.isPending} disabled={path === ""}>
            {buttons[task.type]}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

function firstPath(task: PathTask): string {
  switch (task.type) {
    case "new-file":
    case "new-folder":
      return task.folder === "" ? "" : `${task.folder}/`;
    case "move":
      return task.path;
    case "copy":
      return joined(parentOf(task.path), nameOf(task.path).replace(/(\.[^.]*)?$/, " copy$1"));
  }
}

/** The name without what tells its kind: that is what mostly changes. Once: whoever comes back to the field chose a place. */
function selectName(field: HTMLInputElement | null): void {
  if (field === null) return;
  const from = field.value.lastIndexOf("/") + 1;
  const dot = field.value.lastIndexOf(".");
  field.setSelectionRange(from, dot > from ? dot : field.value.length);
}
