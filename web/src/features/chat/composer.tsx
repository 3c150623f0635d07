/** Where one writes: a message, with pictures if wanted. Enter sends, Shift and Enter makes a line. */
import { ActionIcon, Button, CloseButton, FileButton, Textarea, Tooltip } from "@mantine/core";
import { IconPaperclip, IconPlayerStopFilled, IconSend } from "@tabler/icons-react";
import { useState } from "react";
import type { Picture } from "./conversation.ts";
import { pictureTypes, readPicture } from "./pictures.ts";
import classes from "./page.module.css";

interface ComposerProps {
  answering: boolean;
  onSend: (message: { text: string; pictures: readonly Picture[] }) => void;
  onStop: () => void;
}

export function Composer({ answering, onSend, onStop }: ComposerProps) {
  const [text, setText] = useState("");
  const [pictures, setPictures] = useState<readonly Picture[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  const isEmpty = text.trim() === "" && pictures.length === 0;

  const submit = () => {
    if (isEmpty || answering) return;
    onSend({ text, pictures });
    setText("");
    setPictures([]);
    setProblem(null);
  };
  const add = async (files: File[]) => {
    setProblem(null);
    try {
      const added = await Promise.all(files.map(readPicture));
      setPictures((present) => [...present, ...added]);
    } catch (error) {
      setProblem((error as Error).message);
    }
  };

  return (
    <form
      className={classes["composer"]}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {pictures.length === 0 ? null : (
        <ul className={classes["pictures"]} aria-label="Attached files">
          {pictures.map((picture, index) => (
            <li key={`${picture.name}-${picture.data.length}`}>
              {picture.name}
              <CloseButton
                size="xs"
                aria-label={`Remove ${picture.name}`}
                onClick={() => setPictures(pictures.filter((_, at) => at !== index))}
              />
            </li>
          ))}
        </ul>
      )}
      {problem === null ? null : (
        <p role="alert" className={classes["problem"]}>
          {problem}
        </p>
      )}
      <div className={classes["writing"]}>
        <FileButton multiple accept={pictureTypes.join(",")} onChange={(files) => void add(files)}>
          {(props) => (
            <Tooltip label="Attach pictures or PDFs">
              <ActionIcon {...props} variant="subtle" color="gray" size="lg" aria-label="Attach pictures or PDFs">
                <IconPaperclip size={18} aria-hidden />
              </ActionIcon>
            </Tooltip>
          )}
        </FileButton>
        <Textarea
          className={classes["field"]}
          aria-label="Message"
          placeholder="Say something"
          autosize
          minRows={1}
          maxRows={10}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
            event.preventDefault();
            submit();
          }}
        />
        {answering ? (
          <Button variant="default" onClick={onStop} leftSection={<IconPlayerStopFilled size={14} aria-hidden />}>
            Stop
          </Button>
        ) : (
          <Button type="submit" disabled={isEmpty} leftSection={<IconSend size={14} aria-hidden />}>
            Send
          </Button>
        )}
      </div>
    </form>
  );
}
