import { mkdirSync } from "node:fs";
import { join } from "node:path";
/** The server as one object: every part made from the settings, put together, and taken down again in order. */
import { limits, type ServerInfo, type WorkspaceSummary } from "@lodge/shared";
import packageJson from "../package.json" with { type: "json" };
import { type AppServices, createApp } from "./app.ts";
import { createAuth } from "./auth/auth.ts";
import { type Caller, root } from "./auth/caller.ts";
import { AccessError } from "./auth/errors.ts";
import { workspaceFor } from "./auth/guard.ts";
import { Keys } from "./auth/keys.ts";
import { loadToken } from "./auth/token.ts";
import { type Config, ConfigError, describeSettings } from "./config.ts";
import { fromAccessError } from "./http/access-errors.ts";
import { callerOf, contextOf } from "./http/request-context.ts";
import { serve } from "./http/serve.ts";
import { createJobs } from "./jobs/create.ts";
import { JobError } from "./jobs/errors.ts";
import { loadWebhookSecret } from "./jobs/webhooks/secret.ts";
import { readMcpServers } from "./mcp-servers.ts";
import { buildDashboard } from "./modules/dashboard/build.ts";
import { dashboardEvents, withJobs } from "./modules/dashboard/feed.ts";
import { activeJobs } from "./modules/dashboard/jobs.ts";
import { LoginWatch } from "./modules/dashboard/login-watch.ts";
import { SessionDesk } from "./modules/dashboard/session-desk.ts";
import { reachable } from "./modules/files/reachable.ts";
import { McpEndpoint } from "./modules/mcp/endpoint.ts";
import { makeServer } from "./modules/mcp/server.ts";
import { Responses } from "./modules/openai/responses/responses.ts";
import { AuditTrail } from "./modules/terminals/audit.ts";
import { showSessions } from "./modules/terminals/screens.ts";
import { Media } from "./modules/turns/media/media.ts";
import type { TurnServices } from "./modules/turns/turns.ts";
import { WorkspaceDesk } from "./modules/workspaces/desk.ts";
import { Outgoing } from "./net/outgoing.ts";
import type { Logger } from "./observability/log.ts";
import { Metrics } from "./observability/metrics.ts";
import { memoryOf } from "./observability/process-memory.ts";
import { systemClock } from "./sessions/clock.ts";
import { createSessions, findClaude, type ModelDescription, type SessionSnapshot } from "./sessions/index.ts";
import { AuditStore } from "./store/audit-store.ts";
import { openDatabase } from "./store/database.ts";
import { lockFolder } from "./store/folder-lock.ts";
import { KeyStore } from "./store/key-store.ts";
import { RecordingStore } from "./store/recording-store.ts";
import { SessionCatalogStore } from "./store/session-catalog-store.ts";
import { UsageStore } from "./store/usage-store.ts";
import { Recordings, TerminalHub, Tickets } from "./terminals/index.ts";
import { WorkspaceFiles } from "./workspaces/files/index.ts";
import { Trash } from "./workspaces/files/trash.ts";
import { Workspaces } from "./workspaces/workspaces.ts";

export { type Config, ConfigError, readConfig } from "./config.ts";
export { createLog } from "./observability/log.ts";

export const version = packageJson.version;

/** Milliseconds that turns under way have to finish when the server is told to stop. */
const drainMs = 5000;

export interface LodgeOptions {
  config: Config;
  log: Logger;
  /** The account of a scripted model instead of the operator's: the child's variables. */
  demo?: { env: Record<string, string> } | undefined;
  /** Quiet time in milliseconds after which a stream gets a heartbeat, for whoever cannot wait for the usual one. */
  heartbeatMs?: number | undefined;
}

export interface Lodge extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
  /** No new turns, those under way get a grace period, then every process is ended. Calling it again waits for the same end. */
  stop(): Promise<void>;
}

/** @throws when a setting does not fit this machine: no CLI, port taken, data folder not writable */
export async function startLodge({ config, log, demo, heartbeatMs }: LodgeOptions): Promise<Lodge> {
  const claudePath = findClaude(config.claude);
  await using stack = new AsyncDisposableStack();
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
  const startedAt = Date.now();

  const workspaceName = (cwd: string) => workspaces.nameOf(cwd) ?? cwd;
  const desk = new SessionDesk({
    sessions,
    workspaces,
    catalog: new SessionCatalogStore(database, workspaces.root),
    viewers: (id) => hub.get(id)?.audience ?? [],
  });
  const summary = (session: SessionSnapshot) => desk.summary(session);
  const busy = () => [...sessions.liveSessions.values()].filter(({ state }) => state.name === "busy");

  const fileDeleted = (path: string, { name: who }: Caller) =>
    trail.note({ who, action: "file_deleted", detail: path });
  const jobCancelled = (id: string, { name: who }: Caller) => trail.note({ who, action: "job_cancelled", detail: id });

  const mcp = stack.use(
    new McpEndpoint(
      (session) =>
        makeServer({
          ...work,
          ...session,
          version,
          clock: systemClock,
          files: () => reachable(files, session.caller().reach),
          fileDeleted,
          cancelled: jobCancelled,
          sessions,
          workspaces,
          workspaceName,
          onUnexpected: (error) => log.error({ err: error }, "a tool of MCP failed unexpectedly"),
        }),
      systemClock,
    ),
  );

  const services: AppServices = {
    version,
    mcp,
    hooks: {
      auth,
      workspaceOf: (id) => {
        const session = sessions.get(id);
        return session && workspaceName(session.cwd);
      },
      onUnexpected: (error, request) =>
        log.error({ requestId: contextOf(request).id, err: error }, "unexpected failure"),
    },
    files,
    fileDeleted,
    jobs: { ...work, sessions, workspaces, cancelled: jobCancelled },
    workspaces: new WorkspaceDesk({
      workspaces,
      files,
      trash,
      sessions,
      settings: work.settings,
      jobs: work.jobs,
      folder: join(config.data, "imports"),
      maxArchiveBytes: config.maxUploadBytes,
    }),
    workspaceSettings: {
      settings: work.settings,
      workspaces,
      changed: (name, { name: who }) => trail.note({ who, action: "workspace_changed", detail: name || "(root)" }),
    },
    workspaceFiles: { files, trash, workspaces, fileDeleted },
    usage: { usage, workspaceName, keyName: (id) => (id === null ? root.name : keys.nameOf(id)) },
    overview: {
      version,
      startedAt,
      usage,
      claude: () => sessions.processInfo,
      needsLogin: () => login.needsLogin,
      live: async () => {
        const live = [...sessions.liveSessions.values()];
        const memoryBytes = await memoryOf(live.flatMap(({ pid }) => pid ?? []));
        return { sessions: live.length, limit: config.maxLive, queued: sessions.waiting, memoryBytes };
      },
      jobs: () => ({ running: work.jobs.running, queued: work.jobs.queued, active: activeJobs(work.jobs) }),
    },
    turns,
    responses,
    models: {
      models: () =>
        sessions.probe({ mode: "model", cwd: workspaces.root }).then(
          (info) => info.models,
          (error: unknown): ModelDescription[] => {
            log.warn({ err: error }, "the CLI could not be asked for its models");
            return [];
          },
        ),
    },
    metrics,
    health: {
      busy: () => busy().length > 0 || work.jobs.busyWorkspaces.length > 0,
      status: async (caller) => ({
        busy_workspaces: [
          ...new Set([...work.jobs.busyWorkspaces, ...busy().map((session) => summary(session).workspace)]),
        ].filter((name) => caller.reach.includes(name)),
        live_sessions: [...sessions.liveSessions.values()]
          .filter(({ owner, cwd }) => caller.owns(owner) && caller.reach.includes(workspaceName(cwd)))
          .map(summary)
          .map(({ id, workspace, driver, mode, model, state }) => ({
            id,
            workspace,
            driver,
            mode,
            model,
            state: state.name,
          })),
        live_limit: config.maxLive,
        queued: sessions.waiting,
        needs_login: login.needsLogin,
        versions: { lodge: version, claude: sessions.processInfo?.version ?? null, bun: Bun.version },
      }),
    },
    dashboard: {
      login: (secret, request) => {
        const address = contextOf(request).address?.() ?? null;
        try {
          const { cookie, caller } = auth.login(secret);
          trail.note({ who: caller.name, action: "logged_in", detail: address && `from ${address}` });
          return cookie;
        } catch (error) {
          trail.loginFailed(address);
          throw error instanceof AccessError ? fromAccessError(error, "token") : error;
        }
      },
      loggedOut: (request) => trail.note({ who: callerOf(request).name, action: "logged_out" }),
      serverInfo: (): ServerInfo => ({
        version,
        demo: demo !== undefined,
        claude: { version: sessions.processInfo?.version ?? null },
        live: { sessions: sessions.liveSessions.size, limit: config.maxLive, queued: sessions.waiting },
        startedAt,
      }),
      listWorkspaces: async () => {
        const live = [...sessions.liveSessions.values()].map(summary);
        const entries = await workspaces.list(limits.workspaces);
        return entries.map(({ name, changedAt, git }): WorkspaceSummary => {
          const inside = live.filter(({ workspace }) => workspace === name || workspace.startsWith(`${name}/`));
          const lastActiveAt = Math.max(changedAt, ...inside.map((session) => session.lastActiveAt));
          return { name, git, lastActiveAt, liveSessions: inside.length };
        });
      },
      events: (signal) =>
        dashboardEvents(
          withJobs(desk, (listener) => work.jobs.onChange(listener)),
          signal,
        ),
    },
    sessions: {
      session: (id) => desk.session(id),
      prompts: (id) => sessions.prompts(id),
      answer: async (id, { promptId, ...answer }, { name: who }) => {
        await sessions.answer(id, promptId, answer);
        trail.note({ who, action: "answered", sessionId: id, detail: answer.option });
      },
    },
    audit: trail,
    settings: () => describeSettings(config),
    keys: { keys, note: (note) => trail.note(note) },
    sessionActions: {
      open: async ({ workspace, model, resume, name }, caller) => {
        const before = resume === undefined ? null : sessions.get(resume);
        if (before && caller.reach.isLimited) caller.reach.require(workspaceName(before.cwd), "The session");
        const cwd = await workspaces.resolve(await workspaceFor(caller, workspaces, workspace));
        caller.requireFunds();
        const preferred = work.settings.get(workspaceName(before?.cwd ?? cwd));
        const launch = {
          owner: caller.owner,
          mode: "agent" as const,
          cwd,
          permissionMode: "default" as const,
          model: model ?? preferred.model ?? undefined,
          appendSystemPrompt: preferred.hint ?? undefined,
          folderMcpServers: preferred.mcpServers ?? undefined,
        };
        const opened = await sessions.attend(launch, resume, caller.owner === null ? (name ?? null) : caller.name);
        trail.note({ who: caller.name, action: "session_opened", sessionId: opened.id });
        return summary(opened);
      },
      interrupt: async (id, { name: who }) => {
        await sessions.interrupt(id);
        trail.note({ who, action: "session_interrupted", sessionId: id });
      },
      end: async (id, { name: who }) => {
        await sessions.end(id);
        trail.note({ who, action: "session_ended", sessionId: id });
      },
      restart: async (id, { name: who }) => {
        const restarted = await sessions.restart(id);
        trail.note({ who, action: "session_restarted", sessionId: id });
        return summary(restarted);
      },
    },
    terminals: {
      hub,
      tickets: new Tickets(),
      origins: config.origins,
      onRevoked: (listener) => keys.onRevoked(listener),
    },
    recordings: {
      list: (sessionId, limit) => recordings.list(sessionId, limit),
      get: (id) => recordings.get(id),
      read: (id) => recordings.read(id),
      remove: async (id, { name: who }) => {
        const sessionId = recordings.get(id)?.sessionId;
        const removed = await recordings.remove(id);
        if (removed && sessionId !== undefined) trail.note({ who, action: "recording_deleted", sessionId });
        return removed;
      },
    },
    sessionList: desk,
    sessionChanges: {
      change: (id, change, { name: who }) => {
        const changed = desk.change(id, change);
        trail.note({ who, action: "session_changed", sessionId: id, detail: changed.title });
        return changed;
      },
      fork: async (id, entry, { name: who }) => {
        const fork = await desk.fork(id, entry);
        trail.note({ who, action: "session_forked", sessionId: id, detail: fork.id });
        return fork;
      },
      delete: async (id, { name: who }) => {
        await desk.delete(id);
        trail.note({ who, action: "session_deleted", sessionId: id });
      },
    },
    transcripts: {
      transcriptPath: (id, agent?: string) => sessions.transcriptPath(id, agent),
      title: (id) => desk.title(id),
      sessions: () => desk.all(),
    },
    pages: stack.use(
      buildDashboard(join(import.meta.dir, "../.."), (output) =>
        log.error({ output }, "the dashboard could not be built"),
      ),
    ),
  };

  const app = createApp(services);
  const server = serve({
    hostname: config.host,
    port: config.port,
    fetch: (request) => app.fetch(request),
    log,
    heartbeatMs,
  });
  work.begin();
  responses.begin();
  sessions.prepare({ mode: config.defaultMode, cwd: workspaces.root });
  const owned = stack.move();
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    // Frees the port; connections that are open stay so until their replies are done.
    void server.stop(false);
    await Promise.all([work.jobs.drain(drainMs), responses.drain(drainMs), sessions.drain(drainMs)]);
    hub[Symbol.dispose]();
    await server.stop(true);
    await owned.disposeAsync();
  };
  const lodge: Lodge = {
    url: `http://${config.host.includes(":") ? `[${config.host}]` : config.host}:${server.port}`,
    token,
    stop: () => (stopped ??= stop()),
    [Symbol.asyncDispose]: () => lodge.stop(),
  };
  return lodge;
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

/** What the CLI is told when a scripted model stands in for the account: nothing of it is kept outside the data folder. */
export function demoEnvironment(config: Config, model: { url: string; apiKey: string }): Record<string, string> {
  const home = join(config.data, "demo", "home");
  const configDir = join(config.data, "demo", "claude");
  // The CLI keeps sockets and the output of its tools there.
  const temporary = join(config.data, "demo", "tmp");
  for (const folder of [home, configDir, temporary]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  return {
    HOME: home,
    CLAUDE_CONFIG_DIR: configDir,
    TMPDIR: temporary,
    ANTHROPIC_BASE_URL: model.url,
    ANTHROPIC_API_KEY: model.apiKey,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    // Nothing that a scripted model says is done unless a person at this machine asked for it word by word.
    IS_SANDBOX: "1",
  };
}

/** The CLI refuses to bypass permissions as root unless it is told that it runs in a sandbox. */
function mayBypassPermissions(demo: boolean): boolean {
  return demo || process.getuid?.() !== 0 || process.env["IS_SANDBOX"] === "1";
}
