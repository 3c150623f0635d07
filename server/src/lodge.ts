import { mkdirSync } from "node:fs";
import { join } from "node:path";
/** The server as one object: every part made from the settings, put together, and taken down again in order. */
import { limits, type ServerInfo, type SessionSummary, type WorkspaceSummary } from "@lodge/shared";
import packageJson from "../package.json" with { type: "json" };
import { type AppServices, createApp } from "./app.ts";
import { createAuth } from "./auth/auth.ts";
import { loadToken } from "./auth/token.ts";
import type { Config } from "./config.ts";
import { contextOf } from "./http/request-context.ts";
import { serve } from "./http/serve.ts";
import { createJobs } from "./jobs/create.ts";
import { loadWebhookSecret } from "./jobs/webhooks/secret.ts";
import { buildDashboard } from "./modules/dashboard/build.ts";
import { dashboardEvents } from "./modules/dashboard/feed.ts";
import { McpEndpoint } from "./modules/mcp/endpoint.ts";
import { makeServer } from "./modules/mcp/server.ts";
import { Responses } from "./modules/openai/responses/responses.ts";
import { AuditTrail } from "./modules/terminals/audit.ts";
import { showSessions } from "./modules/terminals/screens.ts";
import type { TurnServices } from "./modules/turns/turns.ts";
import { Outgoing } from "./net/outgoing.ts";
import type { Logger } from "./observability/log.ts";
import { systemClock } from "./sessions/clock.ts";
import { createSessions, findClaude, type ModelDescription, type SessionSnapshot } from "./sessions/index.ts";
import { AuditStore } from "./store/audit-store.ts";
import { openDatabase } from "./store/database.ts";
import { UsageStore } from "./store/usage-store.ts";
import { TerminalHub, Tickets } from "./terminals/index.ts";
import { WorkspaceFiles } from "./workspaces/files/index.ts";
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
}

export interface Lodge extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
  /** No new turns, those under way get a grace period, then every process is ended. Calling it again waits for the same end. */
  stop(): Promise<void>;
}

/** @throws when a setting does not fit this machine: no CLI, port taken, data folder not writable */
export async function startLodge({ config, log, demo }: LodgeOptions): Promise<Lodge> {
  const claudePath = findClaude(config.claude);
  const token = config.token ?? loadToken(config.data);
  const auth = createAuth(token);
  const workspaces = new Workspaces(config.workspaces);
  const files = new WorkspaceFiles(workspaces.jail, {
    notes: join(config.data, "uploads"),
    maxBytes: config.maxUploadBytes,
  });
  const leftovers = await files.sweep();
  if (leftovers > 0) log.warn({ leftovers }, "removed unfinished uploads of an earlier server");
  await using stack = new AsyncDisposableStack();
  const database = stack.adopt(openDatabase(join(config.data, "lodge.sqlite")), (opened) => opened.close());
  const sessions = stack.use(
    createSessions({
      database,
      claudePath,
      maxLive: config.maxLive,
      queueLimit: config.queue,
      pidFolder: join(config.data, "processes"),
      spares: config.spares,
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
      },
      ...(demo === undefined ? {} : { env: demo.env, inheritAccount: false }),
    }),
  );
  const trail = stack.use(
    new AuditTrail(new AuditStore(database), (error) => log.error({ err: error }, "the audit could not be kept")),
  );
  const hub = stack.use(new TerminalHub());
  stack.use(
    showSessions(sessions, hub, {
      observer: (sessionId) => trail.observer(sessionId),
      onProblem: (error) => log.warn({ err: error }, "a terminal's output could not be shown"),
    }),
  );
  if (sessions.orphansEnded.length > 0)
    log.warn({ pids: sessions.orphansEnded }, "ended processes of an earlier server");
  const work = stack.use(
    createJobs({
      database,
      sessions,
      workspaces,
      outgoing: new Outgoing({ allowPrivate: config.privateAddresses }),
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
      webhookSecret: config.webhookSecret ?? loadWebhookSecret(config.data),
      onFailure: (error) => log.error({ err: error }, "a run, a job or a webhook failed unexpectedly"),
    }),
  );
  const turns: TurnServices = { sessions, workspaces, defaultMode: config.defaultMode };
  const responses = stack.use(
    new Responses({
      database,
      turns,
      queueLimit: config.queue,
      keepMs: config.responseSeconds * 1000,
      onFailure: (error) => log.error({ err: error }, "a response failed unexpectedly or could not be kept"),
    }),
  );
  const startedAt = Date.now();

  const usage = new UsageStore(database);
  const workspaceName = (cwd: string) => workspaces.nameOf(cwd) ?? cwd;
  const summary = ({ cwd, ...session }: SessionSnapshot): SessionSummary => ({
    ...session,
    workspace: workspaceName(cwd),
  });
  const busy = () => [...sessions.liveSessions.values()].filter(({ state }) => state.name === "busy");
  const listSessions = (limit: number) => sessions.list(limit).map(summary);

  const mcp = stack.use(
    new McpEndpoint(
      () =>
        makeServer({
          ...work,
          version,
          files,
          sessions,
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
      onUnexpected: (error, request) =>
        log.error({ requestId: contextOf(request).id, err: error }, "unexpected failure"),
    },
    files,
    jobs: { ...work, sessions },
    workspaceSettings: { settings: work.settings, workspaces },
    usage: { usage, workspaceName },
    overview: {
      version,
      startedAt,
      usage,
      claude: () => sessions.processInfo,
      live: () => ({ sessions: sessions.liveSessions.size, limit: config.maxLive, queued: sessions.waiting }),
      jobs: () => ({ running: work.jobs.running, queued: work.jobs.queued }),
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
    health: {
      busy: () => busy().length > 0 || work.jobs.busyWorkspaces.length > 0,
      status: async () => ({
        busy_workspaces: [
          ...new Set([...work.jobs.busyWorkspaces, ...busy().map((session) => summary(session).workspace)]),
        ],
        live_sessions: [...sessions.liveSessions.values()]
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
        versions: { lodge: version, claude: sessions.processInfo?.version ?? null, bun: Bun.version },
      }),
    },
    dashboard: {
      auth,
      serverInfo: (): ServerInfo => ({
        version,
        demo: demo !== undefined,
        claude: { version: sessions.processInfo?.version ?? null },
        live: { sessions: sessions.liveSessions.size, limit: config.maxLive, queued: sessions.waiting },
        startedAt,
      }),
      listSessions: () => listSessions(limits.sessions),
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
          {
            list: listSessions,
            subscribe: (listener) =>
              sessions.subscribe((change) =>
                listener(
                  change.type === "changed"
                    ? { type: "session", session: summary(change.session) }
                    : { type: "session_removed", id: change.id },
                ),
              ),
          },
          signal,
        ),
    },
    sessions: {
      session: (id) => {
        const found = sessions.get(id);
        return found && summary(found);
      },
      prompts: (id) => sessions.prompts(id),
      answer: async (id, { promptId, ...answer }) => {
        await sessions.answer(id, promptId, answer);
        trail.answered(id, answer.option);
      },
    },
    audit: trail,
    sessionActions: {
      open: async ({ workspace, model, resume }) => {
        const cwd = await workspaces.resolve(workspace ?? "");
        const launch = {
          mode: "agent" as const,
          cwd,
          permissionMode: "default" as const,
          ...(model === undefined ? {} : { model }),
        };
        return summary(await sessions.attend(launch, resume));
      },
      interrupt: (id) => sessions.interrupt(id),
      end: (id) => sessions.end(id),
    },
    terminals: { hub, tickets: new Tickets(), origins: config.origins },
    transcripts: { transcriptPath: (id, agent) => sessions.transcriptPath(id, agent) },
    pages: stack.use(
      buildDashboard(join(import.meta.dir, "../.."), (output) =>
        log.error({ output }, "the dashboard could not be built"),
      ),
    ),
  };

  const app = createApp(services);
  const server = serve({ hostname: config.host, port: config.port, fetch: (request) => app.fetch(request), log });
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
