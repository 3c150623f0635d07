/** What each module of the HTTP side gets of the server's parts, in the module's own terms. */

import { join } from "node:path";
import { limits, type ServerInfo, type WorkspaceSummary } from "@lodge/shared";
import type { AppServices } from "./app.ts";
import { root } from "./auth/caller.ts";
import { AccessError } from "./auth/errors.ts";
import { workspaceFor } from "./auth/guard.ts";
import { describeSettings } from "./config.ts";
import { fromAccessError } from "./http/access-errors.ts";
import { callerOf, contextOf } from "./http/request-context.ts";
import { dashboardEvents, withJobs } from "./modules/dashboard/feed.ts";
import { activeJobs } from "./modules/dashboard/jobs.ts";
import { WorkspaceDesk } from "./modules/workspaces/desk.ts";
import { memoryOf } from "./observability/process-memory.ts";
import { type Parts, type PartsOptions, version } from "./parts.ts";
import type { ModelDescription, SessionSnapshot } from "./sessions/index.ts";
import { Tickets } from "./terminals/index.ts";

export function servicesOf(parts: Parts, { config, log, demo }: PartsOptions): AppServices {
  const {
    auth,
    desk,
    fileDeleted,
    files,
    hub,
    jobCancelled,
    keys,
    login,
    recordings,
    sessions,
    trail,
    trash,
    usage,
    work,
  } = parts;
  const { workspaceName, workspaces } = parts;
  const startedAt = Date.now();
  const summary = (session: SessionSnapshot) => desk.summary(session);
  const busy = () => [...sessions.liveSessions.values()].filter(({ state }) => state.name === "busy");
  return {
    version,
    mcp: parts.mcp,
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
    turns: parts.turns,
    responses: parts.responses,
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
    metrics: parts.metrics,
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
      end: async (id, sparesText, { name: who }) => {
        await sessions.end(id, sparesText);
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
    pages: parts.pages,
  };
}
