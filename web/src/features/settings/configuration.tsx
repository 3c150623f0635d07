/** The settings that the server was started with, and where each comes from. */
import type { SettingSummary } from "@lodge/shared";
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { FilterField } from "../../lib/filter-field.tsx";
import { Notice } from "../../lib/notice.tsx";
import { RowSkeletons } from "../../lib/row-skeletons.tsx";
import { matches } from "../../lib/text-filter.ts";
import { settingsQuery } from "./queries.ts";
import { settingsSearch } from "./search.ts";
import { sourceWords } from "./words.ts";
import classes from "./settings.module.css";

const route = getRouteApi("/settings");

export function Configuration() {
  const { data: settings, error, refetch } = useQuery(settingsQuery);
  const { q = "" } = route.useSearch();
  const navigate = route.useNavigate();
  const shown = settings?.filter(({ name, aliases, help, value, source }) =>
    matches(q, [name, ...aliases, help, value ?? "", sourceWords(source)]),
  );
  return (
    <section className={classes["section"]} aria-labelledby="configuration">
      <div className={classes["head"]}>
        <h2 id="configuration">Configuration</h2>
        <search className={classes["filter"]}>
          <FilterField
            label="Filter settings"
            value={q}
            onChange={(next) => void navigate({ search: settingsSearch({ q: next }), replace: true })}
          />
        </search>
      </div>
      <p className={classes["about"]}>Environment variables, read when the server starts. A change needs a restart.</p>
      {shown === undefined ? (
        error === null ? (
          <RowSkeletons label="Loading the settings" />
        ) : (
          <Notice
            title="The settings could not be read"
            action={<Button onClick={() => void refetch()}>Try again</Button>}
          >
            <p>{error.message}</p>
          </Notice>
        )
      ) : shown.length === 0 ? (
        <p className={classes["none"]}>No setting matches.</p>
      ) : (
        <SettingsTable settings={shown} />
      )}
    </section>
  );
}

function SettingsTable({ settings }: { settings: readonly SettingSummary[] }) {
  return (
    <table className={classes["settings"]} aria-label="Settings">
      <thead>
        <tr>
          <th scope="col">Setting</th>
          <th scope="col">Value</th>
          <th scope="col" className={classes["wide"]}>
            From
          </th>
        </tr>
      </thead>
      <tbody>
        {settings.map(({ name, help, value, source }) => (
          <tr key={name} data-source={source.type}>
            <th scope="row">
              <code>{name}</code>
              <div>{help}</div>
            </th>
            <td>
              {value === null ? (
                <span className={classes["none"]}>
                  {source.type === "default" ? "made by Lodge" : "set"}; not shown
                </span>
              ) : (
                value
              )}
              <div className={classes["narrow"]}>{sourceWords(source)}</div>
            </td>
            <td className={classes["wide"]}>{sourceWords(source)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
