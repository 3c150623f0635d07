/** Says that a workspace was deleted, and takes that back. */
import { Button, CloseButton, Group } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { workspacesQuery } from "../../lib/queries.ts";
import { restoreWorkspace } from "./queries.ts";
import classes from "./forms.module.css";

export function Deleted({ name, id, onClose }: { name: string; id: string; onClose: () => void }) {
  const queryClient = useQueryClient();
  const restore = useMutation({
    mutationFn: () => restoreWorkspace(id),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: workspacesQuery.queryKey });
      onClose();
    },
  });
  return (
    <div className={classes["undo"]} role="status">
      <p>{restore.error === null ? `${name} was deleted.` : restore.error.message}</p>
      <Group gap="xs" wrap="nowrap">
        <Button size="compact-sm" variant="default" loading={restore.isPending} onClick={() => restore.mutate()}>
          Bring it back
        </Button>
        <CloseButton aria-label="Dismiss" onClick={onClose} />
      </Group>
    </div>
  );
}
