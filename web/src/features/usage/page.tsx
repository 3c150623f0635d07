import { type UsageGroup, usageGroup } from "@lodge/shared";
/** What turns took: over time, by model, workspace or source. */
import { Button, SegmentedControl, Select } from "@mantine/core";
import { useThrottledValue } from "@mantine/hooks";
import { IconDownload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useEffect } from "react";
import { count } from "../../lib/format.ts";
import { Notice } from "../../lib/notice.tsx";
import { Page } from "../../lib/page.tsx";
import { sessionsQuery } from "../../lib/queries.ts";
import { RowSkeletons } from "../../lib/row-skeletons.tsx";
import { UsageChart } from "./chart.tsx";
import { groupWords } from "./groups.ts";
import { csvAddress, usageQuery } from "./query.ts";
import { type MeasureName, measures, type Range, ranges, usageSearch } from "./search.ts";
import { UsageTable } from "./table.tsx";
import { Tiles } from "./tiles.tsx";
import classes from "./page.module.css";

const route = getRouteApi("/usage");

/** Milliseconds between two reports while turns end all the time. */
const refreshMs = 2000;

export function UsagePage() {
  const { range = "7d", by = "model", measure = "cost" } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: report, error, refetch } = useQuery(usageQuery(range, by));
  useFreshFigures(refetch);
  const choose = (change: { range?: Range; by?: UsageGroup; measure?: MeasureName }) =>
    void navigate({ search: (search) => usageSearch({ ...search, ...change }), replace: true });

  return (
    <Page title="Usage" summary={report === undefined ? undefined : count(report.totals.turns, "turn")}>
      <div className={classes["controls"]}>
        <SegmentedControl
          size="xs"
          aria-label="Time"
          value={range}
          onChange={(value) => choose({ range: value as Range })}
          data={Object.entries(ranges).map(([value, { label }]) => ({ value, label }))}
        />
        <SegmentedControl
          size="xs"
          aria-label="Measure"
          value={measure}
          onChange={(value) => choose({ measure: value as MeasureName })}
          data={Object.entries(measures).map(([value, label]) => ({ value, label }))}
        />
        <Select
          size="xs"
          aria-label="Group by"
          className={classes["by"]}
          value={by}
          allowDeselect={false}
          onChange={(value) => choose({ by: usageGroup.parse(value) })}
          data={usageGroup.options.map((value) => ({ value, label: `By ${groupWords[value].toLowerCase()}` }))}
        />
        <Button
          size="xs"
          variant="default"
          component="a"
          href={csvAddress(range, by)}
          download
          leftSection={<IconDownload size={14} aria-hidden />}
          className={classes["export"]}
        >
          CSV
        </Button>
      </div>
      {report === undefined ? (
        error === null ? (
          <RowSkeletons label="Loading the usage" />
        ) : (
          <Notice
            title="The usage could not be read"
            action={<Button onClick={() => void refetch()}>Try again</Button>}
          >
            <p>{error.message}</p>
          </Notice>
        )
      ) : report.totals.turns === 0 ? (
        <Notice title={`No turns in the last ${ranges[range].label}`}>
          <p>Every turn is counted here as soon as it ends, whichever API it came by.</p>
        </Notice>
      ) : (
        <>
          <Tiles report={report} />
          <UsageChart report={report} measure={measure} />
          <UsageTable report={report} measure={measure} />
        </>
      )}
    </Page>
  );
}

/** Asks again when a turn has ended anywhere, but not more often than a person can read. */
function useFreshFigures(refetch: () => unknown): void {
  const { data: turns } = useQuery({
    ...sessionsQuery,
    select: (sessions) => sessions.reduce((sum, session) => sum + session.turns, 0),
  });
  const settled = useThrottledValue(turns, refreshMs);
  useEffect(() => {
    if (settled !== undefined) refetch();
  }, [settled, refetch]);
}
