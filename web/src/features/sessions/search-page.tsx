import type { SessionSearchHit } from "@lodge/shared";
/** Searches through what was said in every session. */
import { Button, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { count } from "../../lib/format.ts";
import { Notice } from "../../lib/notice.tsx";
import { Page } from "../../lib/page.tsx";
import { textParam } from "../../lib/text-filter.ts";
import { Ago } from "../../lib/time.tsx";
import { WorkspaceName } from "../../lib/workspace-name.tsx";
import { type Found, useTranscriptSearch } from "./use-transcript-search.ts";
import classes from "./search-page.module.css";

const route = getRouteApi("/sessions/search");

export function SessionSearchPage() {
  const { q } = route.useSearch();
  const navigate = route.useNavigate();
  const [typed, setTyped] = useState(q ?? "");
  const found = useTranscriptSearch(q ?? "");
  return (
    <Page title="Search transcripts" summary={summaryOf(found)}>
      <search>
        <form
          className={classes["form"]}
          onSubmit={(event) => {
            event.preventDefault();
            const words = textParam(typed.trim());
            void navigate({ search: words === undefined ? {} : { q: words } });
          }}
        >
          <TextInput
            type="search"
            className={classes["field"]}
            aria-label="Words that were said"
            placeholder="Words that were said"
            leftSection={<IconSearch size={16} aria-hidden />}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          <Button type="submit" loading={found.status === "searching"}>
            Search
          </Button>
        </form>
      </search>
      <Results found={found} />
    </Page>
  );
}

function summaryOf({ status, hits }: Found): string | undefined {
  return status === "idle" ? undefined : count(hits.length, "place");
}

function Results({ found: { status, hits, problem, searched } }: { found: Found }) {
  if (problem !== null) {
    return (
      <Notice title="The transcripts could not be searched">
        <p>{problem}</p>
      </Notice>
    );
  }
  if (status === "idle") {
    return (
      <Notice title="What was it about?">
        <p>
          This looks for words, as they were written, in every prompt, answer and tool call of every session, the latest
          sessions first. It takes at least two characters.
        </p>
      </Notice>
    );
  }
  if (hits.length === 0 && status !== "searching") {
    return (
      <Notice title="Nobody said that">
        <p>{count(searched, "transcript")} looked through. The words are looked for just as they are typed.</p>
      </Notice>
    );
  }
  return (
    <>
      <ol className={classes["hits"]} aria-busy={status === "searching"}>
        {hits.map((hit) => (
          <Hit key={`${hit.session.id} ${hit.entry}`} hit={hit} />
        ))}
      </ol>
      {status === "cut" ? (
        <p className={classes["end"]}>There is more. Say more of what you look for.</p>
      ) : status === "complete" ? (
        <p className={classes["end"]}>{count(searched, "transcript")} looked through.</p>
      ) : null}
    </>
  );
}

const speakers: Record<SessionSearchHit["kind"], string> = {
  user: "User",
  text: "Assistant",
  thinking: "Thinking",
  tool_call: "Tool call",
  tool_result: "Tool result",
  notice: "Notice",
};

function Hit({ hit }: { hit: SessionSearchHit }) {
  const { session, entry, kind, at, before, match, after } = hit;
  return (
    <li className={classes["hit"]}>
      <p className={classes["where"]}>
        <Link to="/sessions/$id" params={{ id: session.id }} search={{ view: "transcript" }} hash={`entry=${entry}`}>
          {session.title || "Untitled"}
        </Link>
        <span>
          <span>{speakers[kind]}</span>
          <WorkspaceName name={session.workspace} />
          <Ago at={at} />
        </span>
      </p>
      <p className={classes["words"]}>
        {before}
        <mark>{match}</mark>
        {after}
      </p>
    </li>
  );
}
