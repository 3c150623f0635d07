/** Asks once more before a session is gone for good. */
import type { SessionSummary } from "@lodge/shared";
import { Button, Group, Modal } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { deleteSession } from "./queries.ts";

export function DeleteSession({ session, onClose }: { session: SessionSummary; onClose: () => void }) {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const remove = useMutation({
    mutationFn: () => deleteSession(session.id),
    onSuccess: async () => {
      void queryClient.invalidateQueries({ queryKey: ["older-sessions"] });
      await navigate({ to: "/sessions" });
    },
  });
  return (
    <Modal opened onClose={onClose} title="Delete this session?" closeButtonProps={{ "aria-label": "Close" }} centered>
      <p>
        Its transcript is deleted with it, and nobody can go on with it: <strong>{session.title || "Untitled"}</strong>.
        The files of its workspace stay, and so do its figures in the usage.
      </p>
      {remove.error === null ? null : <p role="alert">{remove.error.message}</p>}
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose} data-autofocus>
          Keep it
        </Button>
        <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
          Delete
        </Button>
      </Group>
    </Modal>
  );
}
