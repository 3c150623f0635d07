/** What holds in a workspace where a request says nothing. */
import type { WorkspaceSettings } from "@lodge/shared";
import { Button, Group, Modal, NativeSelect, Textarea } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { modelsQuery } from "../../lib/models-query.ts";
import { RowSkeletons } from "../../lib/row-skeletons.tsx";
import { readServers, serverWords, writeServers } from "./mcp-text.ts";
import { saveSettings, settingsQuery } from "./queries.ts";
import classes from "./forms.module.css";

export function WorkspaceSettingsForm({ name, onClose }: { name: string; onClose: () => void }) {
  const { data, error } = useQuery(settingsQuery(name));
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Settings of ${name}`}
      closeButtonProps={{ "aria-label": "Close" }}
      size="lg"
      centered
    >
      {data === undefined ? (
        error === null ? (
          <RowSkeletons label="Loading the settings" />
        ) : (
          <p role="alert">{error.message}</p>
        )
      ) : (
        <Form name={name} initial={data} onClose={onClose} />
      )}
    </Modal>
  );
}

/** How a select has what is null. */
const asServer = "";
const asServerChoice = { value: asServer, label: "As the server is set" };

const placeholder = `{
  "docs": { "type": "http", "url": "https://docs.example.com/mcp" }
}`;

interface FormProps {
  name: string;
  initial: WorkspaceSettings;
  onClose: () => void;
}

function Form({ name, initial, onClose }: FormProps) {
  const queryClient = useQueryClient();
  const { data: models = [] } = useQuery(modelsQuery);
  const [model, setModel] = useState(initial.model ?? asServer);
  const [mode, setMode] = useState<string>(initial.mode ?? asServer);
  const [git, setGit] = useState<string>(initial.git ?? asServer);
  const [hint, setHint] = useState(initial.hint ?? "");
  const [servers, setServers] = useState(() => writeServers(initial.mcpServers));
  const mcp = readServers(servers);
  const save = useMutation({
    mutationFn: () =>
      saveSettings(name, {
        model: model || null,
        mode: (mode || null) as WorkspaceSettings["mode"],
        git: (git || null) as WorkspaceSettings["git"],
        hint: hint.trim() || null,
        mcpServers: mcp.servers,
      }),
    onSuccess: async (saved) => {
      queryClient.setQueryData(settingsQuery(name).queryKey, saved);
      onClose();
    },
  });
  return (
    <form
      className={classes["form"]}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <NativeSelect
        label="Model"
        description="For requests that name none."
        value={model}
        onChange={(event) => setModel(event.currentTarget.value)}
        data={[
          asServerChoice,
          ...[...new Set([...(model === asServer ? [] : [model]), ...models])].map((each) => ({
            value: each,
            label: each,
          })),
        ]}
      />
      <NativeSelect
        label="Mode"
        description="For requests that neither say it nor bring tools of their own."
        value={mode}
        onChange={(event) => setMode(event.currentTarget.value)}
        data={[
          asServerChoice,
          { value: "agent", label: "agent: with tools, in the workspace" },
          { value: "model", label: "model: no tools of its own" },
        ]}
      />
      <NativeSelect
        label="Git before each run"
        value={git}
        onChange={(event) => setGit(event.currentTarget.value)}
        data={[
          asServerChoice,
          { value: "none", label: "nothing" },
          { value: "pull --rebase", label: "git pull --rebase" },
        ]}
      />
      <Textarea
        label="System hint"
        description="Added to the system prompt of every agent that works here."
        autosize
        minRows={3}
        maxRows={12}
        maxLength={20_000}
        value={hint}
        onChange={(event) => setHint(event.currentTarget.value)}
      />
      <p className={classes["aside"]}>
        Longer instructions, which the CLI reads by itself, are in the workspace's{" "}
        <Link
          to="/workspaces/$name/files/$"
          params={{ name, _splat: "CLAUDE.md" }}
          search={{ edit: true }}
          onClick={onClose}
        >
          CLAUDE.md
        </Link>
        .
      </p>
      <Textarea
        label="MCP servers"
        description="For every agent that works here. JSON as in .mcp.json, which names servers by program or by address."
        placeholder={placeholder}
        classNames={{ input: classes["code"] ?? "" }}
        autosize
        minRows={4}
        maxRows={14}
        maxLength={100_000}
        spellCheck={false}
        value={servers}
        error={mcp.problem}
        onChange={(event) => setServers(event.currentTarget.value)}
      />
      {mcp.servers === null ? null : <p className={classes["aside"]}>{serverWords(mcp.servers)}</p>}
      {save.error === null ? null : (
        <p role="alert" className={classes["problem"]}>
          {save.error.message}
        </p>
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={save.isPending} disabled={mcp.problem !== null}>
          Save
        </Button>
      </Group>
    </form>
  );
}
