/**
 * Every part of the server, made from the settings in the order in which they need each other. What is to be released is
 * registered where it is made.
 */

import { join } from "node:path";
import { limits } from "@lodge/shared";
import packageJson from "../package.json" with { type: "json" };
import { createAuth } from "./auth/auth.ts";
import type { Caller } from "./auth/caller.ts";
import { AccessError } from "./auth/errors.ts";
import { Keys } from "./auth/keys.ts";
import { loadToken } from "./auth/token.ts";
import { type Config, ConfigError } from "./config.ts";
import { createJobs } from "./jobs/create.ts";
import { JobError } from "./jobs/errors.ts";
import { loadWebhookSecret } from "./jobs/webhooks/secret.ts";
import { readMcpServers } from "./mcp-servers.ts";
import { buildDashboard } from "./modules/dashboard/build.ts";
import { LoginWatch } from "./modules/dashboard/login-watch.ts";
import { SessionDesk } from "./modules/dashboard/session-desk.ts";
import { reachable } from "./modules/files/reachable.ts";
import { McpDoor } from "./modules/mcp/index.ts";
import { Responses } from "./modules/openai/responses/responses.ts";
import { AuditTrail } from "./modules/terminals/audit.ts";
import { showSessions } from "./modules/terminals/screens.ts";
import { Media } from "./modules/turns/media/media.ts";
import type { TurnServices } from "./modules/turns/turns.ts";
import { Outgoing } from "./net/outgoing.ts";
import type { Logger } from "./observability/log.ts";
import { Metrics } from "./observability/metrics.ts";
import { systemClock } from "./sessions/clock.ts";
import { createSessions, findClaude } from "./sessions/index.ts";
import { AuditStore } from "./store/audit-store.ts";
import { openDatabase } from "./store/database.ts";
import { lockFolder } from "./store/folder-lock.ts";
import { KeyStore } from "./store/key-store.ts";
import { RecordingStore } from "./store/recording-store.ts";
import { SessionCatalogStore } from "./store/session-catalog-store.ts";
import { UsageStore } from "./store/usage-store.ts";
import { Recordings, TerminalHub } from "./terminals/index.ts";
import { WorkspaceFiles } from "./workspaces/files/index.ts";
import { Trash } from "./workspaces/files/trash.ts";
import { Workspaces } from "./workspaces/workspaces.ts";

export const version = packageJson.version;

export interface PartsOptions {
  config: Config;
  log: Logger;
  /** The account of a scripted model instead of the operator's: the child's variables. */
  demo?: { env: Record<string, string> } | undefined;
}

export type Parts = Awaited<ReturnType<typeof openParts>>;

/**
 * @param stack takes them down again
 * @throws when a setting does not fit this machine: no CLI, data folder not writable or in use
 */
export async function openParts({ config, log, demo }: PartsOptions, stack: AsyncDisposableStack) {
  const claudePath = findClaude(config.claude);
  stack.use(lockData(config.data));
  const token = config.token ?? loadToken(config.data);
  const workspaces = new Workspaces(config.workspaces);
  const files = new WorkspaceFiles(workspaces.jail, {
    notes: join(config.data, "uploads"),
    maxBytes: config.maxUploadBytes,
    ripgrep: Bun.which("rg"),
  });
  const leftovers = await files.sweep();
  if (leftovers > 0) log.warn({ leftovers }, "removed unfinished uploads of an earlier server");
  const database = stack.adopt(openDatabase(join(config.data, "lodge.sqlite")), (opened) => opened.close());
  const trash = stack.use(
    await Trash.open(workspaces.jail, {
      folder: join(config.data, "trash"),
      onFailure: (error) => log.warn({ err: error }, "something deleted could not be removed for good"),
    }),
  );
  const usage = new UsageStore(database);
  const keys = new Keys({
    store: new KeyStore(database),
    spentSince: (owner, from) => usage.costOf(owner, { from, to: limits.time }),
  });
  const auth = createAuth({ token, keys });
  const metrics: Metrics = new Metrics(() => ({
    sessions: countBy([...sessions.liveSessions.values()], ({ state }) => state.name),
    liveLimit: config.maxLive,
    waiting: sessions.waiting,
    jobs: { running: work.jobs.running, queued: work.jobs.queued },
    timers: systemClock.pending,
  }));
  const sessions = stack.use(
    createSessions({
      onTurn: (turn) => metrics.count(turn),
      onLateCost: (model, costUsd) => metrics.countCost(model, costUsd),
      database,
      claudePath,
      maxLive: config.maxLive,
      queueLimit: config.queue,
      sessionQueueLimit: config.queue,
      busySession: config.busySession,
      pidFolder: join(config.data, "processes"),
      spares: config.spares,
      attended: config.attended,
      unwatchedMs: config.attendedSeconds * 1000,
      idleMs: config.idleSeconds * 1000,
      watchdogMs: config.watchdogSeconds * 1000,
      answerMs: config.answerSeconds * 1000,
      holdMs: config.toolSeconds * 1000,
      trustWorkspaces: config.trustWorkspaces,
      onFollowerFailure: (error) => log.error({ err: error }, "somebody who follows the sessions failed"),
      onStoreFailure: (error) => log.error({ err: error }, "something could not be kept in the database"),
      onTranscriptProblem: (problem) => log.warn({ problem }, "a record of a transcript was skipped"),
      defaults: {
        model: config.defaultModel,
        driver: config.driver,
        permissionMode: mayBypassPermissions(demo !== undefined) ? "bypassPermissions" : "acceptEdits",
        mcpServers: config.mcpConfig === undefined ? {} : readMcpServers(config.mcpConfig),
      },
      ...(demo === undefined ? {} : { env: demo.env, inheritAccount: false }),
    }),
  );
  const trail = stack.use(
    new AuditTrail(new AuditStore(database), (error) => log.error({ err: error }, "the audit could not be kept")),
  );
  const recordings = stack.use(
    new Recordings({
      store: new RecordingStore(database),
      folder: join(config.data, "recordings"),
      mode: config.recordings,
      maxBytes: config.recordingBytes,
      keepMs: config.recordingSeconds * 1000,
      maxLive: config.maxLive,
      onProblem: (error) => log.error({ err: error }, "a recording could not be written, and ends here"),
    }),
  );
  await recordings.begin();
  const login = stack.use(new LoginWatch(sessions));
  const hub = stack.use(new TerminalHub());
  stack.use(
    showSessions(sessions, hub, {
      recordings,
      observer: (sessionId) => trail.observer(sessionId),
      onViewers: (sessionId) => desk.viewersChanged(sessionId),
      onProblem: (error) => log.warn({ err: error }, "a terminal's output could not be shown"),
    }),
  );
  if (sessions.orphansEnded.length > 0)
    log.warn({ pids: sessions.orphansEnded }, "ended processes of an earlier server");
  const outgoing = new Outgoing({ allowPrivate: config.privateAddresses });
  const work = stack.use(
    createJobs({
      database,
      sessions,
      workspaces,
      outgoing,
      limits: {
        concurrency: config.jobs,
        perWorkspace: config.jobsPerWorkspace,
        queue: config.jobQueue,
        keepMs: config.keepSeconds * 1000,
      },
      template: config.claudeMd,
      systemHint: config.systemHint,
      git: config.git,
      gitTimeoutMs: config.gitSeconds * 1000,
      admit: (owner, workspace) => {
        if (owner === null) return;
        try {
          const caller = keys.callerOf(owner);
          caller.reach.require(workspace);
          caller.requireFunds();
        } catch (error) {
          if (!(error instanceof AccessError)) throw error;
          throw new JobError("not_allowed", error.message, { cause: error });
        }
      },
      webhookSecret: config.webhookSecret ?? loadWebhookSecret(config.data),
      onFailure: (error) => log.error({ err: error }, "a run, a job or a webhook failed unexpectedly"),
    }),
  );
  const turns: TurnServices = {
    sessions,
    workspaces,
    media: new Media(outgoing, systemClock),
    defaultMode: config.defaultMode,
    settings: (workspace) => work.settings.get(workspace),
  };
  const responses = stack.use(
    new Responses({
      database,
      turns,
      queueLimit: config.queue,
      keepMs: config.responseSeconds * 1000,
      onFailure: (error) => log.error({ err: error }, "a response failed unexpectedly or could not be kept"),
      onDeleted: (id, { name: who }) => trail.note({ who, action: "response_deleted", detail: id }),
    }),
  );
  const workspaceName = (cwd: string) => workspaces.nameOf(cwd) ?? cwd;
  const desk = new SessionDesk({
    sessions,
    workspaces,
    catalog: new SessionCatalogStore(database, workspaces.root),
    viewers: (id) => hub.get(id)?.audience ?? [],
  });
  const fileDeleted = (path: string, { name: who }: Caller) =>
    trail.note({ who, action: "file_deleted", detail: path });
  const jobCancelled = (id: string, { name: who }: Caller) => trail.note({ who, action: "job_cancelled", detail: id });

  const mcp = stack.use(
    new McpDoor({
      ...work,
      version,
      clock: systemClock,
      filesFor: ({ reach }) => reachable(files, reach),
      fileDeleted,
      cancelled: jobCancelled,
      sessions,
      workspaces,
      workspaceName,
      onUnexpected: (error) => log.error({ err: error }, "a tool of MCP failed unexpectedly"),
    }),
  );
  const pages = stack.use(
    buildDashboard(join(import.meta.dir, "../.."), (output) =>
      log.error({ output }, "the dashboard could not be built"),
    ),
  );

  return {
    auth,
    desk,
    fileDeleted,
    files,
    hub,
    jobCancelled,
    keys,
    login,
    mcp,
    metrics,
    pages,
    recordings,
    responses,
    sessions,
    token,
    trail,
    trash,
    turns,
    usage,
    work,
    workspaceName,
    workspaces,
  };
}

/** @throws ConfigError when another server works there */
function lockData(folder: string): Disposable {
  const lock = lockFolder(folder);
  if (lock) return lock;
  throw new ConfigError(`LODGE_DATA: another Lodge is at work in ${folder}. Stop it first, or choose another folder.`);
}

function countBy<T>(items: readonly T[], key: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[key(item)] = (counts[key(item)] ?? 0) + 1;
  return counts;
}

/** The CLI refuses to bypass permissions as root unless it is told that it runs in a sandbox. */
function mayBypassPermissions(demo: boolean): boolean {
  return demo || process.getuid?.() !== 0 || process.env["IS_SANDBOX"] === "1";
}
