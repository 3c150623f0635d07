/** Narrows the list down by what sessions are. */
import type { SessionSummary } from "@lodge/shared";
import { Button, NativeSelect, Popover } from "@mantine/core";
import { IconFilter } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { choices, type Facet, facets, type SessionsSearch } from "./filter.ts";
import { choicesQuery } from "./queries.ts";
import classes from "./filter-menu.module.css";

const words: Record<Facet, string> = {
  workspace: "Workspace",
  tag: "Tag",
  model: "Model",
  mode: "Mode",
  driver: "Driver",
  source: "Latest turn came",
};

interface FilterMenuProps {
  sessions: readonly SessionSummary[];
  search: SessionsSearch;
  onChange: (change: { [facet in Facet]?: string | undefined }) => void;
}

export function FilterMenu({ sessions, search, onChange }: FilterMenuProps) {
  const { data: all } = useQuery(choicesQuery);
  const chosen = facets.filter((facet) => search[facet] !== undefined);
  return (
    <Popover position="bottom-start" shadow="md" withinPortal trapFocus returnFocus>
      <Popover.Target>
        <Button variant="default" leftSection={<IconFilter size={16} aria-hidden />}>
          {chosen.length === 0 ? "Filters" : `Filters: ${chosen.map((facet) => search[facet]).join(", ")}`}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <div className={classes["fields"]}>
          {facets.map((facet) => (
            <NativeSelect
              key={facet}
              size="xs"
              label={words[facet]}
              value={search[facet] ?? ""}
              onChange={(event) => onChange({ [facet]: event.currentTarget.value || undefined })}
              data={[
                { value: "", label: "Any" },
                ...withChosen(choices(facet, sessions, all), search[facet]).map((value) => ({ value, label: value })),
              ]}
            />
          ))}
        </div>
        <Button
          size="compact-sm"
          variant="subtle"
          mt="sm"
          disabled={chosen.length === 0}
          onClick={() => onChange(Object.fromEntries(chosen.map((facet) => [facet, undefined])))}
        >
          Clear the filters
        </Button>
      </Popover.Dropdown>
    </Popover>
  );
}

/** The address may name what no session here has. */
function withChosen(values: string[], chosen: string | undefined): string[] {
  return chosen === undefined || values.includes(chosen) ? values : [chosen, ...values];
}
