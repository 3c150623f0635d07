/** Who did what: at terminals, to sessions, keys and files. */
import { type AuditKind, auditKind } from "@lodge/shared";
import { Button, Select } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { FilterField } from "../../lib/filter-field.tsx";
import { Notice } from "../../lib/notice.tsx";
import { Page } from "../../lib/page.tsx";
import { RowSkeletons } from "../../lib/row-skeletons.tsx";
import { auditQuery } from "./queries.ts";
import { type AuditSearch, auditSearch } from "./search.ts";
import { AuditTable } from "./table.tsx";
import { kindWords } from "./words.ts";
import classes from "./audit.module.css";

const route = getRouteApi("/audit");
const all = "all";

export function AuditPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(auditQuery(search));
  const entries = data?.pages.flatMap((page) => page.entries);
  const change = (changed: { [K in keyof AuditSearch]: AuditSearch[K] | undefined }) =>
    void navigate({ search: (before) => auditSearch({ ...before, ...changed }), replace: true });

  return (
    <Page title="Audit">
      <search className={classes["controls"]}>
        <div className={classes["who"]}>
          <FilterField label="Filter by who it was" value={search.who ?? ""} onChange={(who) => change({ who })} />
        </div>
        <Select
          aria-label="Show"
          className={classes["kind"]}
          allowDeselect={false}
          value={search.kind ?? all}
          onChange={(kind) => change({ kind: kind === all ? undefined : (kind as AuditKind) })}
          data={[
            { value: all, label: "Everything" },
            ...auditKind.options.map((value) => ({ value, label: kindWords[value] })),
          ]}
        />
        {search.session === undefined ? null : (
          <Button
            variant="default"
            rightSection={<IconX size={14} aria-hidden />}
            aria-label="Show all sessions"
            onClick={() => change({ session: undefined })}
          >
            One session
          </Button>
        )}
      </search>
      {entries === undefined ? (
        error === null ? (
          <RowSkeletons label="Loading the audit" />
        ) : (
          <Notice
            title="The audit could not be read"
            action={<Button onClick={() => void refetch()}>Try again</Button>}
          >
            <p>{error.message}</p>
          </Notice>
        )
      ) : entries.length > 0 ? (
        <AuditTable entries={entries} />
      ) : (
        <Notice title="Nothing of that kind was done">
          <p>Logins, keys, terminals and deletions are noted here. Of what was typed only how much it was.</p>
        </Notice>
      )}
      {hasNextPage ? (
        <Button variant="default" fullWidth mt="md" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show older ones
        </Button>
      ) : null}
    </Page>
  );
}
