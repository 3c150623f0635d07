/** What else can be done with a session: its name and tags, a fork, a copy to take away, its end for good. */
import type { SessionSummary } from "@lodge/shared";
import { ActionIcon, Menu } from "@mantine/core";
import { IconDots, IconDownload, IconGitFork, IconHistory, IconPencil, IconTrash } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { DeleteSession } from "./delete-session.tsx";
import { EditSession } from "./edit-session.tsx";
import { forkSession } from "./queries.ts";
import classes from "./session-actions.module.css";

interface SessionMenuProps {
  session: SessionSummary;
  /** The entry of the transcript that the address points to. */
  marked: string | null;
}

export function SessionMenu({ session, marked }: SessionMenuProps) {
  const { id } = session;
  const navigate = useNavigate();
  const [asked, setAsked] = useState<"edit" | "delete" | null>(null);
  const fork = useMutation({
    mutationFn: (entry: string | null) => forkSession(id, entry),
    onSuccess: ({ session: made }) => navigate({ to: "/sessions/$id", params: { id: made.id } }),
  });
  const close = () => setAsked(null);
  return (
    <>
      <Menu position="bottom-end" shadow="md" withinPortal>
        <Menu.Target>
          <ActionIcon variant="default" size={26} aria-label="More actions" loading={fork.isPending}>
            <IconDots size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={() => setAsked("edit")}>
            Title and tags
          </Menu.Item>
          <Menu.Item leftSection={<IconGitFork size={16} aria-hidden />} onClick={() => fork.mutate(null)}>
            Fork from its latest answer
          </Menu.Item>
          {marked === null ? null : (
            <Menu.Item leftSection={<IconGitFork size={16} aria-hidden />} onClick={() => fork.mutate(marked)}>
              Fork from the marked entry
            </Menu.Item>
          )}
          <Menu.Divider />
          <Export id={id} format="md" words="Export as Markdown" />
          <Export id={id} format="jsonl" words="Export as JSON lines" />
          <Menu.Item
            renderRoot={(props) => <Link to="/audit" search={{ session: id }} {...props} />}
            leftSection={<IconHistory size={16} aria-hidden />}
          >
            Audit: who did what
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item color="red" leftSection={<IconTrash size={16} aria-hidden />} onClick={() => setAsked("delete")}>
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {fork.error === null ? null : (
        <span role="alert" className={classes["problem"]}>
          {fork.error.message}
        </span>
      )}
      {asked === "edit" ? <EditSession session={session} onClose={close} /> : null}
      {asked === "delete" ? <DeleteSession session={session} onClose={close} /> : null}
    </>
  );
}

function Export({ id, format, words }: { id: string; format: "md" | "jsonl"; words: string }) {
  return (
    <Menu.Item
      component="a"
      href={`/api/sessions/${id}/export?format=${format}`}
      download
      leftSection={<IconDownload size={16} aria-hidden />}
    >
      {words}
    </Menu.Item>
  );
}
