/** The server, the CLI, the jobs and today's usage, in a few figures. */
import type { Overview } from "@lodge/shared";
import { Link } from "@tanstack/react-router";
import { Figure, Figures } from "../../lib/figures.tsx";
import { bytes, compact, cost, count } from "../../lib/format.ts";
import { Elapsed } from "../../lib/time.tsx";

/** @param props.live how many there are by the live events, which are newer than the overview */
export function Facts({ overview, live }: { overview: Overview; live: number }) {
  const { claude, server, jobs, usage } = overview;
  const tokens = usage.inputTokens + usage.outputTokens + usage.cacheReadTokens + usage.cacheCreationTokens;
  return (
    <Figures label="The server at a glance">
      <Figure name="Processes" value={`${live} of ${overview.live.limit}`}>
        {overview.live.queued === 0 ? "no turn waits" : `${count(overview.live.queued, "turn")} waiting`}
      </Figure>
      <Figure name="Runs and jobs" value={`${jobs.running} running`}>
        {jobs.queued === 0 ? "none queued" : `${jobs.queued} queued`}
      </Figure>
      <Figure
        name={
          <Link to="/usage" search={{ range: "24h" }}>
            Today
          </Link>
        }
        value={cost(usage.costUsd)}
      >
        {count(usage.turns, "turn")}, {compact(tokens)} tokens
      </Figure>
      <Figure
        name={
          <>
            Lodge {server.version}, up <Elapsed since={server.startedAt} />
          </>
        }
        value={bytes(server.memoryBytes + (overview.live.memoryBytes ?? 0))}
      >
        {overview.live.memoryBytes === null ? "of its own" : `${bytes(overview.live.memoryBytes)} of it in processes`}
      </Figure>
      <Figure name="Claude CLI" value={claude?.version ?? "not started yet"} isWide>
        {claude === null ? (
          "its first process tells what it is"
        ) : (
          <>
            {claude.account === null ? "Not logged in" : `Logged in: ${claude.account}`}
            <br />
            {modelWords(claude.models)}
          </>
        )}
      </Figure>
    </Figures>
  );
}

/** Without what they all begin with, and the day on which each came out. */
const modelWords = (models: readonly string[]): string =>
  models.length === 0
    ? "it names no models"
    : models.map((model) => model.replace(/^claude-/, "").replace(/-\d{8}$/, "")).join(", ");
