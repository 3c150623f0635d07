/** Looks for files by name or by what is in them; what is found shows as it is found. */
import type { SearchEvent } from "@lodge/shared";
import { searchEvent } from "@lodge/shared";
import { SegmentedControl } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { FilterField } from "../../lib/filter-field.tsx";
import { count } from "../../lib/format.ts";
import { sseParser } from "../../lib/sse.ts";
import { nameOf, parentOf } from "./paths.ts";
import { ask, searchAddress } from "./requests.ts";
import classes from "./search-panel.module.css";

export interface Search {
  text: string;
  by: "name" | "text";
}

type Match = Extract<SearchEvent, { type: "match" }>;

interface Found {
  matches: Match[];
  /** Null while it goes on. */
  end: { truncated: boolean; problem: string | null } | null;
}

/** Milliseconds of quiet before what was typed is looked for. */
const typingMs = 250;
/** Milliseconds between two looks at what has been found. */
const showMs = 100;
/** Matches in the page. */
const maxShown = 300;

export function SearchFields({ search, onChange }: { search: Search; onChange: (search: Search) => void }) {
  return (
    <search className={classes["fields"]}>
      <FilterField
        label={search.by === "name" ? "Find files by name" : "Find in files"}
        value={search.text}
        onChange={(text) => onChange({ ...search, text })}
      />
      {search.text === "" ? null : (
        <SegmentedControl
          size="xs"
          aria-label="Where to look"
          value={search.by}
          onChange={(by: Search["by"]) => onChange({ ...search, by })}
          data={[
            { value: "name", label: "Names" },
            { value: "text", label: "Contents" },
          ]}
        />
      )}
    </search>
  );
}

export function SearchResults({ workspace, search }: { workspace: string; search: Search }) {
  const [text] = useDebouncedValue(search.text, typingMs);
  const { matches, end } = useFound(workspace, text, search.by);
  const shown = matches.slice(0, maxShown);
  return (
    <div className={classes["results"]} aria-busy={end === null}>
      <p role="status" className={classes["summary"]}>
        {end === null
          ? "Searching…"
          : (end.problem ??
            `${matches.length === 0 ? "Nothing found" : count(matches.length, "result")}${end.truncated ? ", but not everything was looked at" : ""}`)}
      </p>
      <ul aria-label="Found">
        {shown.map(({ path, line, text: found }) => (
          <li key={`${path}:${line ?? ""}`}>
            <Link
              to="/workspaces/$name/files/$"
              params={{ name: workspace, _splat: path }}
              search={line === undefined ? {} : { view: "source", line }}
            >
              <span className={classes["name"]}>
                {nameOf(path)}
                {line === undefined ? null : <small>:{line}</small>}
              </span>
              <span className={classes["where"]}>{parentOf(path)}</span>
              {found === undefined ? null : <code>{found.trim()}</code>}
            </Link>
          </li>
        ))}
      </ul>
      {matches.length > shown.length ? (
        <p className={classes["summary"]}>and {matches.length - shown.length} more: say more of what you look for.</p>
      ) : null}
    </div>
  );
}

const nothing: Found = { matches: [], end: null };

function useFound(workspace: string, text: string, by: Search["by"]): Found {
  const address = searchAddress(workspace, { [by]: text });
  const [found, setFound] = useState({ ...nothing, address });
  useEffect(() => {
    if (text === "") return undefined;
    const stop = new AbortController();
    void find(address, stop.signal, (result) => setFound({ ...result, address }));
    return () => stop.abort();
  }, [address, text]);
  // What was found of something else is no answer.
  return found.address === address ? found : nothing;
}

async function find(address: string, signal: AbortSignal, show: (found: Found) => void): Promise<void> {
  const matches: Match[] = [];
  let end: Found["end"] = null;
  let shownAt = 0;
  try {
    const response = await ask(address, { signal });
    const parse = sseParser();
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    while (end === null) {
      const { done, value } = await reader.read();
      if (done) throw new Error("The search broke off.");
      for (const data of parse(value)) {
        const event = searchEvent.parse(JSON.parse(data));
        if (event.type === "match") matches.push(event);
        else if (event.type === "end") end = { truncated: event.truncated, problem: null };
        else end = { truncated: true, problem: event.message };
      }
      if (performance.now() - shownAt < showMs) continue;
      shownAt = performance.now();
      if (!signal.aborted) show({ matches: [...matches], end });
    }
  } catch (error) {
    end = { truncated: true, problem: (error as Error).message };
  }
  if (!signal.aborted) show({ matches, end });
}
