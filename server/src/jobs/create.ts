/** Runs and jobs with everything that they need, from the settings. */
import type { Database } from "bun:sqlite";
import { readFileSync } from "node:fs";
import { OutgoingError } from "../net/errors.ts";
import type { Outgoing } from "../net/outgoing.ts";
import { type Clock, systemClock } from "../sessions/clock.ts";
import type { SessionManager } from "../sessions/index.ts";
import { DeliveryStore } from "../store/delivery-store.ts";
import { JobEventStore } from "../store/job-event-store.ts";
import { JobStore } from "../store/job-store.ts";
import { type GitMode, WorkspaceSettingsStore } from "../store/workspace-settings-store.ts";
import type { Workspaces } from "../workspaces/workspaces.ts";
import { JobError } from "./errors.ts";
import { type JobLimits, Jobs } from "./jobs.ts";
import { Runner } from "./runner.ts";
import { webhookBody } from "./webhooks/body.ts";
import { Courier } from "./webhooks/courier.ts";

export interface JobsOptions {
  database: Database;
  sessions: SessionManager;
  workspaces: Workspaces;
  outgoing: Outgoing;
  limits: JobLimits;
  /** Path of the `CLAUDE.md` that a workspace without one gets. */
  template: string | undefined;
  systemHint: string | undefined;
  /** Where a workspace has no setting of its own. */
  git: GitMode;
  /** Milliseconds for git. */
  gitTimeoutMs: number;
  webhookSecret: string;
  /** @throws JobError `not_allowed` when an owner may not, or not any more, work in a workspace */
  admit?: (owner: string | null, workspace: string) => void;
  onFailure: (error: unknown) => void;
  clock?: Clock;
}

export interface JobsParts extends AsyncDisposable {
  jobs: Jobs;
  events: JobEventStore;
  deliveries: DeliveryStore;
  settings: WorkspaceSettingsStore;
  /** Goes on with what an earlier server left: once this one has its port, and so is the only one. */
  begin(): void;
}

/** @throws when the template cannot be read */
export function createJobs(options: JobsOptions): JobsParts {
  const { database, sessions, workspaces, outgoing, limits, onFailure, clock = systemClock } = options;
  const store = new JobStore(database);
  const events = new JobEventStore(database);
  const deliveries = new DeliveryStore(database);
  const settings = new WorkspaceSettingsStore(database);
  const courier = new Courier({
    store: deliveries,
    send: (request) => outgoing.fetch(request),
    secret: options.webhookSecret,
    bodyOf: (job) => {
      const record = store.bySeq(job);
      return record && webhookBody(record);
    },
    clock,
    onFailure,
  });
  const runner = new Runner({
    sessions,
    prepare: {
      workspaces,
      template: options.template === undefined ? null : readTemplate(options.template),
      git: (workspace) => settings.get(workspace).git ?? options.git,
      gitTimeoutMs: options.gitTimeoutMs,
    },
    systemHint: options.systemHint,
    settings: (workspace) => settings.get(workspace),
    admit: options.admit ?? (() => {}),
  });
  const jobs = new Jobs({
    store,
    events,
    deliveries,
    runner,
    workspaces,
    limits,
    clock,
    onFailure,
    checkCallback: (url) => refuseCallback(() => outgoing.check(url)),
    onDelivery: () => courier.wake(),
  });
  return {
    jobs,
    events,
    deliveries,
    settings,
    begin() {
      jobs.begin();
      courier.wake();
    },
    async [Symbol.asyncDispose]() {
      await jobs[Symbol.asyncDispose]();
      await courier[Symbol.asyncDispose]();
    },
  };
}

function readTemplate(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new Error(`LODGE_CLAUDE_MD: the file ${path} cannot be read.`, { cause });
  }
}

function refuseCallback(check: () => void): void {
  try {
    check();
  } catch (cause) {
    if (!(cause instanceof OutgoingError)) throw cause;
    throw new JobError("callback_refused", `callbackUrl: ${cause.message}`, { cause });
  }
}
