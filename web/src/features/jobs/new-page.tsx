/** Hands in a job: a new one, or one like another. */
import { jobDefaults, type JobForm } from "@lodge/shared";
import { Button, NumberInput, Select, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { modelsQuery } from "../../lib/models-query.ts";
import { Page } from "../../lib/page.tsx";
import { workspacesQuery } from "../../lib/queries.ts";
import { RowSkeletons } from "../../lib/row-skeletons.tsx";
import { handIn, jobQuery } from "./queries.ts";
import classes from "./jobs.module.css";

const route = getRouteApi("/work/new");

export function NewJobPage() {
  const { from } = route.useSearch();
  const { data: original, error } = useQuery({ ...jobQuery(from ?? ""), enabled: from !== undefined });
  if (from !== undefined && original === undefined && error === null) {
    return (
      <Page title="New job">
        <RowSkeletons label="Loading the job" />
      </Page>
    );
  }
  return (
    <Page title="New job" summary={original === undefined ? undefined : `like ${original.id}`}>
      <Form initial={original?.form ?? { prompt: "", workspace: "" }} />
    </Page>
  );
}

const root = "(root)";
const asSet = "default";

/** A field that was left empty is left to the server. */
const number = (value: string | number): number | undefined => (typeof value === "number" ? value : undefined);

function Form({ initial }: { initial: JobForm }) {
  const navigate = route.useNavigate();
  const { data: workspaces = [] } = useQuery(workspacesQuery);
  const { data: models = [] } = useQuery(modelsQuery);
  const [prompt, setPrompt] = useState(initial.prompt);
  const [workspace, setWorkspace] = useState(initial.workspace);
  const [model, setModel] = useState(initial.model ?? asSet);
  const [agent, setAgent] = useState(initial.agent ?? "");
  const [budget, setBudget] = useState<string | number>(initial.maxBudgetUsd ?? "");
  const [seconds, setSeconds] = useState<string | number>(initial.timeoutSeconds ?? "");
  const send = useMutation({
    mutationFn: handIn,
    onSuccess: ({ job }) => navigate({ to: "/work/$id", params: { id: job.id } }),
  });
  const maxBudgetUsd = number(budget);
  const timeoutSeconds = number(seconds);

  return (
    <form
      className={classes["form"]}
      onSubmit={(event) => {
        event.preventDefault();
        send.mutate({
          prompt,
          workspace,
          ...(model === asSet ? {} : { model }),
          ...(agent.trim() === "" ? {} : { agent: agent.trim() }),
          ...(maxBudgetUsd === undefined ? {} : { maxBudgetUsd }),
          ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
        });
      }}
    >
      <Textarea
        label="Prompt"
        required
        rows={6}
        className={classes["text"]}
        value={prompt}
        onChange={(event) => setPrompt(event.currentTarget.value)}
      />
      <div className={classes["fields"]}>
        <Select
          label="Workspace"
          searchable
          allowDeselect={false}
          value={workspace === "" ? root : workspace}
          onChange={(value) => setWorkspace(value === null || value === root ? "" : value)}
          data={[root, ...new Set([...(workspace === "" ? [] : [workspace]), ...workspaces.map(({ name }) => name)])]}
        />
        <Select
          label="Model"
          searchable
          allowDeselect={false}
          value={model}
          onChange={(value) => setModel(value ?? asSet)}
          data={[
            { value: asSet, label: "As the server is set" },
            ...[...new Set([...(model === asSet ? [] : [model]), ...models])].map((name) => ({
              value: name,
              label: name,
            })),
          ]}
        />
        <TextInput
          label="Agent"
          description="One that the CLI finds in its settings"
          value={agent}
          onChange={(event) => setAgent(event.currentTarget.value)}
        />
        <NumberInput
          label="Budget in dollars"
          description={`${jobDefaults.maxBudgetUsd} when empty`}
          min={0}
          value={budget}
          onChange={setBudget}
        />
        <NumberInput
          label="Time limit in seconds"
          description={`${jobDefaults.timeoutSeconds} when empty`}
          min={0}
          value={seconds}
          onChange={setSeconds}
        />
      </div>
      {send.error === null ? null : (
        <p role="alert" className={classes["error"]}>
          {send.error.message}
        </p>
      )}
      <Button type="submit" loading={send.isPending} disabled={prompt.trim() === ""}>
        Hand in
      </Button>
    </form>
  );
}
