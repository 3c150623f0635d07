/** Makes a workspace: an empty one, of a git repository, or of an archive. */
import { workspaceName } from "@lodge/shared";
import { Button, FileInput, Group, Modal, SegmentedControl, TextInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { workspacesQuery } from "../../lib/queries.ts";
import { cloneWorkspace, createWorkspace, importWorkspace } from "./queries.ts";
import classes from "./forms.module.css";

export function NewWorkspace() {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setIsOpen(true)}>
        New workspace
      </Button>
      {isOpen ? <NewWorkspaceForm onClose={() => setIsOpen(false)} /> : null}
    </>
  );
}

const ways = [
  { value: "empty", label: "Empty" },
  { value: "clone", label: "Git repository" },
  { value: "import", label: "Archive" },
] as const;
type Way = (typeof ways)[number]["value"];

function NewWorkspaceForm({ onClose }: { onClose: () => void }) {
  const queryClient = useQueryClient();
  const [way, setWay] = useState<Way>("empty");
  const [typed, setTyped] = useState<string | null>(null);
  const [url, setUrl] = useState("");
  const [archive, setArchive] = useState<File | null>(null);
  const [progress, setProgress] = useState<Progress>(begun);
  const leaving = useRef(new AbortController());
  // A clone that nobody waits for any more leaves nothing behind.
  useEffect(() => () => leaving.current.abort(), []);

  const source = way === "clone" ? url : way === "import" ? (archive?.name ?? "") : "";
  const name = typed ?? nameFrom(source);
  const make = useMutation({
    mutationFn: async () => {
      leaving.current = new AbortController();
      const { signal } = leaving.current;
      setProgress(begun);
      if (way === "clone") {
        await cloneWorkspace(name, url, signal, setProgress);
      } else if (way === "import" && archive !== null) {
        await importWorkspace(name, archive, signal, (sent) => setProgress(uploaded(sent, archive.size)));
      } else await createWorkspace(name);
    },
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: workspacesQuery.queryKey });
      onClose();
    },
  });
  const checked = workspaceName.safeParse(name);
  const wrong = name === "" || checked.success ? null : checked.error.issues[0]?.message;
  const isReady = checked.success && (way === "empty" || source !== "");

  return (
    <Modal opened onClose={onClose} title="New workspace" closeButtonProps={{ "aria-label": "Close" }} centered>
      <form
        className={classes["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate();
        }}
      >
        <SegmentedControl
          fullWidth
          aria-label="What to begin with"
          value={way}
          onChange={(value) => setWay(value)}
          data={[...ways]}
          disabled={make.isPending}
        />
        {way === "clone" ? (
          <TextInput
            label="Address of the repository"
            description="By https, http or ssh. Keys and logins are those that git has on the server."
            placeholder="https://git.example.org/team/project.git"
            value={url}
            onChange={(event) => setUrl(event.currentTarget.value)}
            disabled={make.isPending}
            data-autofocus
          />
        ) : null}
        {way === "import" ? (
          <FileInput
            label="Archive"
            description="A .zip, .tar or .tar.gz file. Links in it are left out."
            placeholder="Choose a file"
            accept=".zip,.tar,.gz,.tgz"
            value={archive}
            onChange={setArchive}
            disabled={make.isPending}
          />
        ) : null}
        <TextInput
          label="Name"
          value={name}
          error={wrong}
          onChange={(event) => setTyped(event.currentTarget.value)}
          disabled={make.isPending}
          {...(way === "empty" ? { "data-autofocus": true } : {})}
        />
        {make.isPending ? <ProgressLine {...progress} /> : null}
        {make.error === null || make.isPending ? null : (
          <p role="alert" className={classes["problem"]}>
            {make.error.message}
          </p>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={make.isPending} disabled={!isReady}>
            {way === "clone" ? "Clone" : way === "import" ? "Import" : "Create"}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

interface Progress {
  doing: string;
  /** Null where nobody says how much of it is done. */
  percent: number | null;
}

const begun: Progress = { doing: "Working", percent: null };

/** When all has been sent, it is still to be unpacked. */
const uploaded = (sent: number, size: number): Progress =>
  sent >= size
    ? { doing: "Unpacking", percent: null }
    : { doing: "Uploading", percent: Math.floor((100 * sent) / size) };

function ProgressLine({ doing, percent }: Progress) {
  return (
    <div className={classes["progress"]}>
      <p role="status">
        {doing}
        {percent === null ? "…" : `: ${percent}%`}
      </p>
      {percent === null ? null : <progress max={100} value={percent} aria-label={doing} />}
    </div>
  );
}

/** Of the last part of an address or a file's name, without what says its kind. */
function nameFrom(source: string): string {
  const last = source.split(/[/:]/).findLast((part) => part !== "") ?? "";
  return last.replace(/\.(git|zip|tar|tgz|gz|tar\.gz)$/i, "").replace(/\.tar$/i, "");
}
