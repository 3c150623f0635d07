/** What Prometheus scrapes. Counters run since the server's start; the sums over all time are in the usage. */
import { Counter, Gauge, Histogram, Registry } from "prom-client";

/** A turn as it was counted, a cut or failed one included. */
export interface CountedTurn {
  model: string;
  source: string;
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheCreationTokens: number;
  costUsd: number;
  durationMs: number;
  /** Milliseconds from the request to the first word; null where there was none. */
  firstTokenMs: number | null;
}

/** What is so at the moment of a scrape. */
export interface Levels {
  /** Live sessions by state. */
  sessions: Record<string, number>;
  liveLimit: number;
  /** Turns that wait for a process. */
  waiting: number;
  jobs: { running: number; queued: number };
  /** Timers that are yet to go off. */
  timers: number;
}

const seconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800];

export class Metrics {
  readonly #registry = new Registry();
  readonly #registers = { registers: [this.#registry] };
  readonly #turns = new Counter({
    name: "lodge_turns_total",
    help: "Turns that reached the model, by how their session was come by",
    labelNames: ["model", "source"],
    ...this.#registers,
  });
  readonly #tokens = new Counter({
    name: "lodge_tokens_total",
    help: "Tokens of turns; each token is of one kind",
    labelNames: ["model", "kind"],
    ...this.#registers,
  });
  readonly #cost = new Counter({
    name: "lodge_cost_dollars_total",
    help: "What turns cost in US dollars, as far as the CLI said",
    labelNames: ["model"],
    ...this.#registers,
  });
  readonly #duration = new Histogram({
    name: "lodge_turn_seconds",
    help: "From a turn's request to its end",
    labelNames: ["source"],
    buckets: seconds,
    ...this.#registers,
  });
  readonly #firstToken = new Histogram({
    name: "lodge_first_token_seconds",
    help: "From a turn's request to its first word",
    labelNames: ["source"],
    buckets: seconds,
    ...this.#registers,
  });

  /** @param levels asked at each scrape */
  constructor(levels: () => Levels) {
    const gauge = (name: string, help: string, labelNames: string[], collect: (gauge: Gauge) => void) =>
      new Gauge({
        name,
        help,
        labelNames,
        ...this.#registers,
        collect() {
          this.reset();
          collect(this);
        },
      });
    gauge("lodge_live_sessions", "Sessions with a process", ["state"], (each) => {
      for (const [state, count] of Object.entries(levels().sessions)) each.set({ state }, count);
    });
    gauge("lodge_live_limit", "How many sessions may have a process", [], (each) => each.set(levels().liveLimit));
    gauge("lodge_turns_waiting", "Turns that wait for a process", [], (each) => each.set(levels().waiting));
    gauge("lodge_jobs", "Runs and jobs that are not over", ["state"], (each) => {
      for (const [state, count] of Object.entries(levels().jobs)) each.set({ state }, count);
    });
    gauge("lodge_timers", "Timers that are yet to go off", [], (each) => each.set(levels().timers));
    gauge("process_resident_memory_bytes", "Memory that the server itself holds", [], (each) =>
      each.set(process.memoryUsage.rss()),
    );
    gauge("process_start_time_seconds", "When the server began, since the epoch", [], (each) =>
      each.set(Math.round(Date.now() / 1000 - process.uptime())),
    );
  }

  count(turn: CountedTurn): void {
    const { model, source, costUsd, durationMs, firstTokenMs } = turn;
    this.#turns.inc({ model, source });
    this.#tokens.inc({ model, kind: "input" }, turn.inputTokens);
    this.#tokens.inc({ model, kind: "output" }, turn.outputTokens);
    this.#tokens.inc({ model, kind: "cache_read" }, turn.cacheReadTokens);
    this.#tokens.inc({ model, kind: "cache_creation" }, turn.cacheCreationTokens);
    this.countCost(model, costUsd);
    this.#duration.observe({ source }, durationMs / 1000);
    if (firstTokenMs !== null) this.#firstToken.observe({ source }, firstTokenMs / 1000);
  }

  /** What a turn that was counted turned out to have cost beyond that. */
  countCost(model: string, costUsd: number): void {
    this.#cost.inc({ model }, costUsd);
  }

  /** In Prometheus' text format. */
  async text(): Promise<{ type: string; body: string }> {
    return { type: this.#registry.contentType, body: await this.#registry.metrics() };
  }
}
