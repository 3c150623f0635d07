/** What can be set for a key. */
import { type KeyScope, keyScope, type KeySettings, keyLimits } from "@lodge/shared";
import { Button, Checkbox, Group, NumberInput, TagsInput, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { workspacesQuery } from "../../lib/queries.ts";
import { dayOf, endOfDay } from "./days.ts";
import { scopeWords } from "./words.ts";
import classes from "./settings.module.css";

interface KeyFormProps {
  initial: KeySettings;
  submit: string;
  isPending: boolean;
  problem: string | undefined;
  onSubmit: (settings: KeySettings) => void;
  onCancel: () => void;
}

/** A field that was left empty is no limit. */
const limit = (value: string | number): number | null => (typeof value === "number" ? value : null);

export function KeyForm({ initial, submit, isPending, problem, onSubmit, onCancel }: KeyFormProps) {
  const { data: known = [] } = useQuery(workspacesQuery);
  const [name, setName] = useState(initial.name);
  const [scopes, setScopes] = useState<string[]>(initial.scopes);
  const [workspaces, setWorkspaces] = useState(initial.workspaces ?? []);
  const [requests, setRequests] = useState<string | number>(initial.requestsPerMinute ?? "");
  const [usd, setUsd] = useState<string | number>(initial.usdPerDay ?? "");
  const [day, setDay] = useState(dayOf(initial.expiresAt));

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit({
          name,
          scopes: scopes as KeyScope[],
          workspaces: workspaces.length === 0 ? null : workspaces,
          requestsPerMinute: limit(requests),
          usdPerDay: limit(usd),
          // To the millisecond as it was, where the day is.
          expiresAt: day === dayOf(initial.expiresAt) ? initial.expiresAt : endOfDay(day),
        });
      }}
    >
      <TextInput
        label="Name"
        description="Who or what uses it"
        required
        maxLength={100}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
      />
      <Checkbox.Group label="Scopes" value={scopes} onChange={setScopes} mt="md" required>
        <div className={classes["scopes"]}>
          {keyScope.options.map((scope) => (
            <Checkbox key={scope} value={scope} label={<code>{scope}</code>} description={scopeWords[scope]} />
          ))}
        </div>
      </Checkbox.Group>
      <TagsInput
        mt="md"
        label="Workspaces"
        description="With all that is in them; all workspaces when empty. A request that names none works in the first."
        placeholder={workspaces.length === 0 ? "All workspaces" : ""}
        value={workspaces}
        onChange={setWorkspaces}
        data={known.map((workspace) => workspace.name)}
        maxTags={keyLimits.workspaces}
        acceptValueOnBlur
        comboboxProps={{ withinPortal: false }}
      />
      <div className={classes["fields"]}>
        <NumberInput
          label="Requests a minute"
          placeholder="No limit"
          min={1}
          max={keyLimits.requestsPerMinute}
          allowDecimal={false}
          value={requests}
          onChange={setRequests}
        />
        <NumberInput
          label="Dollars a day"
          description="In UTC"
          inputWrapperOrder={["label", "input", "description"]}
          placeholder="No limit"
          min={0}
          max={keyLimits.usdPerDay}
          value={usd}
          onChange={setUsd}
        />
        <TextInput
          type="date"
          label="Good until"
          description="For ever when empty"
          inputWrapperOrder={["label", "input", "description"]}
          value={day}
          onChange={(event) => setDay(event.currentTarget.value)}
        />
      </div>
      {problem === undefined ? null : (
        <p role="alert" className={classes["problem"]}>
          {problem}
        </p>
      )}
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
        <Button type="submit" loading={isPending} disabled={name.trim() === "" || scopes.length === 0}>
          {submit}
        </Button>
      </Group>
    </form>
  );
}
