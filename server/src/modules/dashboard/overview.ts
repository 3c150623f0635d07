/** The state of the whole server, under `/api/overview`. */
import { type Overview, overview } from "@lodge/shared";
import { Elysia } from "elysia";
import { z } from "zod";
import type { ProcessInfo } from "../../sessions/index.ts";
import type { UsageStore } from "../../store/usage-store.ts";

export interface OverviewSource {
  version: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
  usage: UsageStore;
  claude: () => ProcessInfo | null;
  needsLogin: () => boolean;
  live: () => Promise<Overview["live"]>;
  jobs: () => Overview["jobs"];
}

/** Later than any turn. */
const future = 253_402_300_799_000;

const query = z.object({
  /** Milliseconds since the epoch from which usage counts: the reader's midnight. */
  since: z.coerce.number().int().min(0).max(future),
});

export const overviewRoutes = ({ version, startedAt, usage, claude, needsLogin, live, jobs }: OverviewSource) =>
  new Elysia({ name: "overview", prefix: "/api", detail: { tags: ["Dashboard"] } }).get(
    "/overview",
    async ({ query: { since } }): Promise<Overview> => {
      const info = claude();
      return {
        claude: info && {
          version: info.version,
          account: info.account,
          models: [...new Set(info.models.map(({ resolved }) => resolved))],
        },
        needsLogin: needsLogin(),
        server: { version, startedAt, memoryBytes: process.memoryUsage.rss() },
        live: await live(),
        jobs: jobs(),
        usage: usage.totals({ from: since, to: future }),
      };
    },
    { query, response: overview, detail: { summary: "The state of the server: the CLI, processes, jobs, usage" } },
  );
