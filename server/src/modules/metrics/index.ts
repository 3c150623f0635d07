/** `GET /metrics` for Prometheus. It needs a token like everything else, which Prometheus sends as `authorization`. */
import { Elysia } from "elysia";
import type { Metrics } from "../../observability/metrics.ts";

export const metrics = (source: Metrics) =>
  new Elysia({ name: "metrics", detail: { tags: ["Health"] } }).get(
    "/metrics",
    async () => {
      const { type, body } = await source.text();
      return new Response(body, { headers: { "content-type": type } });
    },
    { detail: { summary: "Counters and levels in Prometheus' text format" } },
  );
