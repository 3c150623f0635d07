/** Another name for a workspace. */
import { workspaceName } from "@lodge/shared";
import { Button, Group, Modal, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { workspacesQuery } from "../../lib/queries.ts";
import { renameWorkspace } from "./queries.ts";
import classes from "./forms.module.css";

export function RenameWorkspace({ name, onClose }: { name: string; onClose: () => void }) {
  const queryClient = useQueryClient();
  const [next, setNext] = useState(name);
  const rename = useMutation({
    mutationFn: () => renameWorkspace(name, next),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: workspacesQuery.queryKey });
      onClose();
    },
  });
  const checked = workspaceName.safeParse(next);
  return (
    <Modal opened onClose={onClose} title={`Rename ${name}`} closeButtonProps={{ "aria-label": "Close" }} centered>
      <form
        className={classes["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          rename.mutate();
        }}
      >
        <TextInput
          label="Name"
          description="Its settings and past sessions go along. Clients must name it so from then on."
          value={next}
          error={checked.success || next === "" ? null : checked.error.issues[0]?.message}
          onChange={(event) => setNext(event.currentTarget.value)}
          data-autofocus
        />
        {rename.error === null ? null : (
          <p role="alert" className={classes["problem"]}>
            {rename.error.message}
          </p>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={rename.isPending} disabled={!checked.success || next === name}>
            Rename
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
