import type { UsageReport, UsageTimes } from "@lodge/shared";
/** The groups of the chart, with every figure. */
import { parseThemeColor, useMantineTheme } from "@mantine/core";
import { cost, duration, exact } from "../../lib/format.ts";
import { valueOf } from "./bars.ts";
import { groupWords, looksOf } from "./groups.ts";
import type { MeasureName } from "./search.ts";
import classes from "./page.module.css";

export function UsageTable({ report, measure }: { report: UsageReport; measure: MeasureName }) {
  const theme = useMantineTheme();
  const looks = looksOf(report);
  const total = valueOf(report.totals, measure);
  return (
    <div className={classes["scroll"]} role="region" aria-label="All figures" tabIndex={0}>
      <table className={classes["table"]} aria-label={`Usage by ${groupWords[report.by].toLowerCase()}`}>
        <thead>
          <tr>
            <th scope="col">{groupWords[report.by]}</th>
            <th scope="col">Turns</th>
            <th scope="col">Input</th>
            <th scope="col">Output</th>
            <th scope="col">Cache read</th>
            <th scope="col">Cache written</th>
            <th scope="col">Cost</th>
            <th scope="col">Share</th>
            <th scope="col" title="Half of the turns had their first word within">
              First token
            </th>
            <th scope="col" title="Half of the turns were over within">
              Turn time
            </th>
          </tr>
        </thead>
        <tbody>
          {report.groups.map((group, index) => {
            const look = looks[index] ?? { name: "", colour: "gray.5" };
            const { value } = parseThemeColor({ color: look.colour, theme });
            return (
              <tr key={look.name}>
                <th scope="row">
                  <span className={classes["swatch"]} style={{ background: value }} aria-hidden />
                  {look.name}
                </th>
                <td>{exact(group.turns)}</td>
                <td>{exact(group.inputTokens)}</td>
                <td>{exact(group.outputTokens)}</td>
                <td>{exact(group.cacheReadTokens)}</td>
                <td>{exact(group.cacheCreationTokens)}</td>
                <td>{cost(group.costUsd)}</td>
                <td>{total === 0 ? "–" : `${((100 * valueOf(group, measure)) / total).toFixed(1)}%`}</td>
                <Median times={group.firstTokenMs} />
                <Median times={group.turnMs} />
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Median({ times }: { times: UsageTimes }) {
  if (times === null) return <td>–</td>;
  const { p50, p90, p99 } = times;
  return <td title={`9 in 10 within ${duration(p90)}, 99 in 100 within ${duration(p99)}`}>{duration(p50)}</td>;
}
