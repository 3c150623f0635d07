/** What the requests of the page ask for. */
import { Select, Switch, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { modelsQuery } from "../../lib/models-query.ts";
import { workspacesQuery } from "../../lib/queries.ts";
import { apis, type ApiName, type ChatSettings } from "./request.ts";
import classes from "./page.module.css";

interface SettingsPanelProps {
  settings: ChatSettings;
  onChange: (change: Partial<ChatSettings>) => void;
}

/** What the menu says for "as the server is set to". */
const asSet = "default";
const root = "(root)";

export function SettingsPanel({ settings, onChange }: SettingsPanelProps) {
  const { data: models = [] } = useQuery(modelsQuery);
  const { data: workspaces = [] } = useQuery(workspacesQuery);
  const names = [...new Set([settings.workspace, ...workspaces.map(({ name }) => name)])].filter((name) => name !== "");
  return (
    <section className={classes["settings"]} aria-label="Settings of the request">
      <Select
        size="xs"
        label="API"
        allowDeselect={false}
        value={settings.api}
        onChange={(value) => onChange({ api: value as ApiName })}
        data={Object.entries(apis).map(([value, label]) => ({ value, label }))}
      />
      <Select
        size="xs"
        label="Model"
        searchable
        allowDeselect={false}
        value={settings.model}
        onChange={(value) => value !== null && onChange({ model: value })}
        data={[...new Set([settings.model, ...models])]}
      />
      <Select
        size="xs"
        label="Mode"
        allowDeselect={false}
        value={settings.mode ?? asSet}
        onChange={(value) => onChange({ mode: value === "agent" || value === "model" ? value : undefined })}
        data={[
          { value: asSet, label: "As the server is set" },
          { value: "agent", label: "Agent: works in the workspace" },
          { value: "model", label: "Model: no tools of its own" },
        ]}
      />
      <Select
        size="xs"
        label="Workspace"
        searchable
        allowDeselect={false}
        value={settings.workspace === "" ? root : settings.workspace}
        onChange={(value) => onChange({ workspace: value === null || value === root ? "" : value })}
        data={[root, ...names]}
      />
      <Textarea
        size="xs"
        label="System prompt"
        rows={3}
        value={settings.system}
        onChange={(event) => onChange({ system: event.currentTarget.value })}
      />
      <Switch
        size="xs"
        label="Tools"
        description="Offers current_time and roll_dice, which this page runs as any client would"
        checked={settings.tools}
        onChange={(event) => onChange({ tools: event.currentTarget.checked })}
      />
      <Switch
        size="xs"
        label="Stream"
        checked={settings.stream}
        onChange={(event) => onChange({ stream: event.currentTarget.checked })}
      />
    </section>
  );
}
