/** What turns took, under `/api/usage`: over time, by model, workspace, source or key; as JSON and as a table for others. */
import { limits, type UsageGroup, usageGroup, usageReport, type UsageReport, type UsageSums } from "@lodge/shared";
import { Elysia } from "elysia";
import { z } from "zod";
import { ApiError } from "../../http/errors.ts";
import type { Dimension, Span, Sums, UsageStore } from "../../store/usage-store.ts";

export interface UsageSource {
  usage: UsageStore;
  /** The name of the workspace that a folder is. */
  workspaceName: (cwd: string) => string;
  /** What to call an API key; null is the server's own token. */
  keyName: (id: string | null) => string;
}

const day = 24 * 3600 * 1000;
/** Far beyond any clock: years in milliseconds that SQLite's integers hold without loss. */
const latest = 253_402_300_799_000;

const time = z.coerce.number().int().min(0).max(latest);
const query = z.object({
  /** Milliseconds since the epoch. */
  from: time,
  to: time,
  by: usageGroup.default("model"),
  /** Milliseconds that a point of time stands for; a day when absent. */
  bucket: z.coerce
    .number()
    .int()
    .min(60_000)
    .max(31 * day)
    .default(day),
  /** Minutes by which the reader's clock is ahead of UTC: where their days begin. */
  offset: z.coerce
    .number()
    .int()
    .min(-16 * 60)
    .max(16 * 60)
    .default(0),
});

export const usageRoutes = (source: UsageSource) =>
  new Elysia({ name: "usage", prefix: "/api", detail: { tags: ["Dashboard"] } })
    .get("/usage", ({ query: asked }) => report(source, asked), {
      query,
      response: usageReport,
      detail: { summary: "Tokens, cost and times of turns, over time and by group" },
    })
    .get("/usage.csv", ({ query: asked }) => csv(report(source, asked)), {
      query,
      detail: { summary: "The same as comma-separated values, a line for each point of time and group" },
    });

function report({ usage, workspaceName, keyName }: UsageSource, asked: z.infer<typeof query>): UsageReport {
  const { from, to, by, bucket: bucketMs, offset } = asked;
  if (to <= from) throw new ApiError("unprocessable", "to: must be later than from.", { param: "to" });
  if ((to - from) / bucketMs > limits.usageBuckets) {
    throw new ApiError(
      "unprocessable",
      `bucket: makes more than ${limits.usageBuckets} points of time; ask for longer ones or a shorter span.`,
      { param: "bucket" },
    );
  }
  const span: Span = { from, to };
  const dimension = dimensionOf[by];
  const nameOf = (name: string) =>
    by === "workspace" ? workspaceName(name) : by === "key" ? keyName(name === "" ? null : name) : name;
  const totals = usage.totals(span);
  const shown = usage.groups(span, dimension, limits.usageGroups);
  const rest = minus(totals, shown);
  const index = new Map<string | null, number>(shown.map(({ name }, k) => [name, k]));
  index.set(null, shown.length);
  const points = usage.points(
    span,
    dimension,
    shown.map(({ name }) => name),
    {
      bucketMs,
      offsetMs: offset * 60_000,
    },
  );
  const names = shown.map(({ name }) => name);
  const firstTokenMs = usage.timesBy(span, "first_token", dimension, names);
  const turnMs = usage.timesBy(span, "duration", dimension, names);
  const timesOf = (name: string | null) => ({
    firstTokenMs: firstTokenMs.get(name) ?? null,
    turnMs: turnMs.get(name) ?? null,
  });
  return {
    from,
    to,
    bucketMs,
    by,
    totals,
    turnMs: usage.times(span, "duration"),
    firstTokenMs: usage.times(span, "first_token"),
    groups: [
      ...shown.map((group) => ({ ...group, ...timesOf(group.name), name: nameOf(group.name) })),
      ...(rest.turns === 0 ? [] : [{ ...rest, ...timesOf(null), name: null }]),
    ],
    points: points.map(({ name, ...point }) => ({ ...point, group: index.get(name) ?? shown.length })),
  };
}

const dimensionOf: Record<UsageGroup, Dimension> = {
  model: "model",
  workspace: "cwd",
  source: "source",
  mode: "mode",
  key: "owner",
};

function minus(totals: Sums, parts: readonly Sums[]): UsageSums {
  const left = { ...totals };
  for (const part of parts) {
    left.turns -= part.turns;
    left.inputTokens -= part.inputTokens;
    left.outputTokens -= part.outputTokens;
    left.cacheReadTokens -= part.cacheReadTokens;
    left.cacheCreationTokens -= part.cacheCreationTokens;
    left.costUsd = Math.max(0, left.costUsd - part.costUsd);
  }
  return left;
}

function csv({ by, groups, points }: UsageReport): Response {
  const head = [
    "time",
    by,
    "turns",
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_creation_tokens",
    "cost_usd",
  ];
  const rows = points.map((point) => [
    new Date(point.at).toISOString(),
    groups[point.group]?.name ?? "(others)",
    point.turns,
    point.inputTokens,
    point.outputTokens,
    point.cacheReadTokens,
    point.cacheCreationTokens,
    point.costUsd,
  ]);
  return new Response([head, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join(""), {
    headers: {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": `attachment; filename="lodge-usage-by-${by}.csv"`,
    },
  });
}

/** A cell that begins like a formula is text to whoever opens it in a spreadsheet: a workspace's name is not ours to run. */
function cell(value: string | number): string {
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
