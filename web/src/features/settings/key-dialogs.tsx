/** The windows in which a key is made, shown once, and changed. */
import type { CreatedKey, KeySettings, KeySummary } from "@lodge/shared";
import { Button, Group, Modal } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Command } from "../../lib/command.tsx";
import { KeyForm } from "./key-form.tsx";
import { changeKey, keysQuery, makeKey } from "./queries.ts";
import classes from "./settings.module.css";

const nothing: KeySettings = {
  name: "",
  scopes: ["api"],
  workspaces: null,
  requestsPerMinute: null,
  usdPerDay: null,
  expiresAt: null,
};

export function NewKey({ onClose }: { onClose: () => void }) {
  const queryClient = useQueryClient();
  // The key is nowhere but in this window: with it, it is gone from the browser as well.
  const make = useMutation({
    mutationFn: makeKey,
    gcTime: 0,
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keysQuery.queryKey }),
  });
  if (make.data !== undefined) return <Made created={make.data} onClose={onClose} />;
  return (
    <Dialog title="New API key" onClose={onClose}>
      <KeyForm
        initial={nothing}
        submit="Make the key"
        isPending={make.isPending}
        problem={make.error?.message}
        onSubmit={(settings) => make.mutate(settings)}
        onCancel={onClose}
      />
    </Dialog>
  );
}

function Made({ created: { key, secret }, onClose }: { created: CreatedKey; onClose: () => void }) {
  return (
    <Dialog title={`The key ${key.name}`} onClose={onClose} mustAnswer>
      <p className={classes["made"]}>
        Copy it now: it is shown this once, and Lodge keeps nothing that it could be made from again.
      </p>
      <Command label="The key" text={secret} />
      <Group justify="flex-end" mt="lg">
        <Button onClick={onClose}>I have it</Button>
      </Group>
    </Dialog>
  );
}

export function EditKey({ initial, onClose }: { initial: KeySummary; onClose: () => void }) {
  const queryClient = useQueryClient();
  const change = useMutation({
    mutationFn: (settings: KeySettings) => changeKey(initial.id, settings),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: keysQuery.queryKey });
      onClose();
    },
  });
  return (
    <Dialog title={`Edit ${initial.name}`} onClose={onClose}>
      <KeyForm
        initial={initial}
        submit="Save"
        isPending={change.isPending}
        problem={change.error?.message}
        onSubmit={(settings) => change.mutate(settings)}
        onCancel={onClose}
      />
    </Dialog>
  );
}

interface DialogProps {
  title: string;
  onClose: () => void;
  /** A click beside it does not close it. */
  mustAnswer?: boolean;
  children: ReactNode;
}

function Dialog({ title, onClose, mustAnswer = false, children }: DialogProps) {
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      size="lg"
      closeOnClickOutside={!mustAnswer}
      closeButtonProps={{ "aria-label": "Close" }}
      // Mantine makes it a `header`, which screen readers would list as a second one of the page.
      attributes={{ header: { role: "presentation" } }}
    >
      {children}
    </Modal>
  );
}
