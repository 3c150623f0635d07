/** What a person calls a session, and what they file it under. */
import { limits, sessionTag, type SessionSummary } from "@lodge/shared";
import { Button, Group, Modal, TagsInput, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { sessionsQuery } from "../../lib/queries.ts";
import { choices } from "./filter.ts";
import { changeSession, choicesQuery } from "./queries.ts";
import classes from "./edit-session.module.css";

export function EditSession({ session, onClose }: { session: SessionSummary; onClose: () => void }) {
  const [title, setTitle] = useState(session.title);
  const [tags, setTags] = useState(session.tags);
  const { data: sessions = [] } = useQuery(sessionsQuery);
  const { data: all } = useQuery(choicesQuery);
  const save = useMutation({
    // Only what was changed: a title that nobody gave goes on following the first prompt.
    mutationFn: () => changeSession(session.id, { ...(title === session.title ? {} : { title: title.trim() }), tags }),
    onSuccess: onClose,
  });
  return (
    <Modal opened onClose={onClose} title="Title and tags" closeButtonProps={{ "aria-label": "Close" }} centered>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <TextInput
          label="Title"
          description="Empty: the beginning of the first prompt."
          value={title}
          maxLength={200}
          onChange={(event) => setTitle(event.currentTarget.value)}
          data-autofocus
        />
        <TagsInput
          mt="md"
          label="Tags"
          description={`Enter or a comma ends one. At most ${limits.tags}.`}
          value={tags}
          onChange={(next) => setTags(next.flatMap(tagsIn))}
          data={choices("tag", sessions, all)}
          maxTags={limits.tags}
          splitChars={[","]}
          // Above, not over the button that saves.
          comboboxProps={{ withinPortal: false, position: "top-start" }}
          classNames={{ inputField: classes["field"] ?? "" }}
        />
        {save.error === null ? null : <p role="alert">{save.error.message}</p>}
        <Group justify="flex-end" mt="lg">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending}>
            Save
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

/** What was pasted may hold several. */
const tagsIn = (text: string): string[] => text.split(",").flatMap((part) => sessionTag.safeParse(part).data ?? []);
