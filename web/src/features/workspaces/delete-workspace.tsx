/** A workspace is deleted when its name was typed. */
import { Button, Group, Modal, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { workspacesQuery } from "../../lib/queries.ts";
import { deleteWorkspace } from "./queries.ts";
import classes from "./forms.module.css";

interface DeleteWorkspaceProps {
  name: string;
  onClose: () => void;
  onDeleted: (id: string) => void;
}

export function DeleteWorkspace({ name, onClose, onDeleted }: DeleteWorkspaceProps) {
  const queryClient = useQueryClient();
  const [typed, setTyped] = useState("");
  const remove = useMutation({
    mutationFn: () => deleteWorkspace(name, typed),
    onSuccess: async ({ id }) => {
      onDeleted(id);
      await queryClient.invalidateQueries({ queryKey: workspacesQuery.queryKey });
    },
  });
  return (
    <Modal opened onClose={onClose} title={`Delete ${name}?`} closeButtonProps={{ "aria-label": "Close" }} centered>
      <form
        className={classes["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          remove.mutate();
        }}
      >
        <p>All its files go away. They can be brought back for seven days. Its sessions stay, to read.</p>
        <TextInput
          label="Type its name to delete it"
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          data-autofocus
        />
        {remove.error === null ? null : (
          <p role="alert" className={classes["problem"]}>
            {remove.error.message}
          </p>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Keep it
          </Button>
          <Button type="submit" color="red" loading={remove.isPending} disabled={typed !== name}>
            Delete
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
