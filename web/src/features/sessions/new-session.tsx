/** Opens the interactive CLI in a workspace, and goes to where it is. */
import { ActionIcon } from "@mantine/core";
import { IconAlertTriangle, IconTerminal2 } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { answer, api } from "../../lib/api.ts";
import { useTerminalPreferences } from "../terminal/preferences.ts";
import { viewerName } from "../terminal/viewer-name.ts";

export function NewSession({ workspace }: { workspace: string }) {
  const navigate = useNavigate();
  const [preferences] = useTerminalPreferences();
  const open = useMutation({
    mutationFn: () =>
      answer(api.terminals.post({ workspace, name: viewerName(preferences.name, navigator.userAgent) })),
    onSuccess: ({ session }) =>
      navigate({ to: "/sessions/$id", params: { id: session.id }, search: { view: "terminal" } }),
  });
  const name = workspace === "" ? "the workspaces root" : workspace;
  const label =
    open.error === null
      ? `New session in ${name}`
      : `No session could be opened in ${name}: ${open.error.message} Click to try again.`;
  const Icon = open.error === null ? IconTerminal2 : IconAlertTriangle;
  return (
    <ActionIcon
      variant="subtle"
      color={open.error === null ? "gray" : "red"}
      size="lg"
      // Above the row's own link, which covers all of it.
      style={{ position: "relative", zIndex: 1 }}
      loading={open.isPending}
      title={label}
      aria-label={label}
      onClick={() => open.mutate()}
    >
      <Icon size={18} stroke={1.7} aria-hidden />
    </ActionIcon>
  );
}
