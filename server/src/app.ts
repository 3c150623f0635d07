/** The whole route map. */
import type { SettingSummary } from "@lodge/shared";
import { Elysia } from "elysia";
import type { Caller } from "./auth/caller.ts";
import { hooks, type HookOptions } from "./http/hooks.ts";
import { anthropic } from "./modules/anthropic/index.ts";
import { auditLog } from "./modules/dashboard/audit.ts";
import { dashboard, type DashboardSources } from "./modules/dashboard/index.ts";
import { jobRoutes } from "./modules/dashboard/jobs.ts";
import { overviewRoutes, type OverviewSource } from "./modules/dashboard/overview.ts";
import { pages, type PageSource } from "./modules/dashboard/pages.ts";
import { type SessionChanges, sessionChanges } from "./modules/dashboard/session-changes.ts";
import { sessionList, type SessionListSource } from "./modules/dashboard/session-list.ts";
import { sessionRoutes, type SessionSource } from "./modules/dashboard/sessions.ts";
import { settingRoutes } from "./modules/dashboard/settings.ts";
import { usageRoutes, type UsageSource } from "./modules/dashboard/usage.ts";
import { workspaceSettings, type WorkspaceSettingsSource } from "./modules/dashboard/workspace-settings.ts";
import { docs } from "./modules/docs/index.ts";
import { files } from "./modules/files/index.ts";
import { health, type HealthSource } from "./modules/health/index.ts";
import { jobs, type JobServices } from "./modules/jobs/index.ts";
import { keyRoutes, type KeyServices } from "./modules/keys/index.ts";
import { mcp, type McpDoor } from "./modules/mcp/index.ts";
import { metrics } from "./modules/metrics/index.ts";
import { models, type ModelSource } from "./modules/models/index.ts";
import { openai } from "./modules/openai/index.ts";
import { responses } from "./modules/openai/responses/index.ts";
import type { Responses } from "./modules/openai/responses/responses.ts";
import { recordings, type RecordingSource } from "./modules/recordings/index.ts";
import { runs } from "./modules/runs/index.ts";
import { sessionActions, type SessionActions } from "./modules/terminals/actions.ts";
import { audit, type AuditTrail } from "./modules/terminals/audit.ts";
import { terminals, type TerminalServices } from "./modules/terminals/index.ts";
import { type ExportSource, sessionExport } from "./modules/transcripts/export.ts";
import { transcripts, type TranscriptSource } from "./modules/transcripts/index.ts";
import { type SearchSource, sessionSearch } from "./modules/transcripts/search.ts";
import type { TurnServices } from "./modules/turns/turns.ts";
import { workspaceGit } from "./modules/workspace-files/git.ts";
import { workspaceFiles, type WorkspaceFileServices } from "./modules/workspace-files/index.ts";
import { workspaceWatch } from "./modules/workspace-files/watch.ts";
import type { WorkspaceDesk } from "./modules/workspaces/desk.ts";
import { workspaceRoutes } from "./modules/workspaces/index.ts";
import type { Metrics } from "./observability/metrics.ts";
import type { WorkspaceFiles } from "./workspaces/files/index.ts";

export interface AppServices {
  version: string;
  hooks: Omit<HookOptions, "methodsOf">;
  turns: TurnServices;
  responses: Responses;
  models: ModelSource;
  health: HealthSource;
  metrics: Metrics;
  dashboard: DashboardSources;
  sessions: SessionSource;
  sessionList: SessionListSource;
  sessionChanges: SessionChanges;
  transcripts: TranscriptSource & ExportSource & SearchSource;
  terminals: TerminalServices;
  recordings: RecordingSource;
  sessionActions: SessionActions;
  audit: AuditTrail;
  keys: KeyServices;
  settings: () => SettingSummary[];
  files: WorkspaceFiles;
  fileDeleted: (path: string, caller: Caller) => void;
  jobs: JobServices;
  workspaces: WorkspaceDesk;
  workspaceSettings: WorkspaceSettingsSource;
  workspaceFiles: WorkspaceFileServices;
  usage: UsageSource;
  overview: OverviewSource;
  mcp: McpDoor;
  pages: PageSource;
}

export const createApp = (services: AppServices) => {
  const routes: Route[] = [];
  // A host of fewer than four letters otherwise shifts what the router takes for the path, past the check of the token.
  const app = new Elysia({ handler: { standardHostname: false } })
    .use(hooks({ ...services.hooks, methodsOf: (path) => methodsOf(routes, path) }))
    .use(docs(services.version))
    .use(health(services.health))
    .use(metrics(services.metrics))
    .use(anthropic(services.turns))
    .use(openai(services.turns))
    .use(responses(services.responses))
    .use(models(services.models))
    .use(files(services.files, services.fileDeleted))
    .use(runs(services.jobs))
    .use(jobs(services.jobs))
    .use(mcp(services.mcp))
    .use(dashboard(services.dashboard))
    .use(sessionApi(services))
    .use(workspaceApi(services))
    .use(operatorApi(services))
    .use(pages(services.pages));
  routes.push(...app.routes);
  return app;
};

// The dashboard's own API in parts: one chain of all its routes is longer than types can follow.

const sessionApi = (services: AppServices) =>
  new Elysia({ name: "session-api" })
    .use(sessionRoutes(services.sessions))
    .use(sessionList(services.sessionList))
    .use(sessionChanges(services.sessionChanges))
    .use(transcripts(services.transcripts))
    .use(sessionExport(services.transcripts))
    .use(sessionSearch(services.transcripts))
    .use(terminals(services.terminals))
    .use(recordings(services.recordings))
    .use(sessionActions(services.sessionActions))
    .use(audit(services.audit));

const workspaceApi = (services: AppServices) =>
  new Elysia({ name: "workspace-api" })
    .use(workspaceRoutes(services.workspaces, services.keys.note))
    .use(workspaceSettings(services.workspaceSettings))
    .use(workspaceFiles(services.workspaceFiles))
    .use(workspaceWatch(services.workspaceFiles))
    .use(workspaceGit(services.workspaceFiles));

const operatorApi = (services: AppServices) =>
  new Elysia({ name: "operator-api" })
    .use(usageRoutes(services.usage))
    .use(overviewRoutes(services.overview))
    .use(jobRoutes(services.jobs))
    .use(keyRoutes(services.keys))
    .use(settingRoutes(services.settings))
    .use(auditLog(services.audit));

/** The routes as types: what the dashboard's client is made from. */
export type App = ReturnType<typeof createApp>;

interface Route {
  method: string;
  path: string;
}

/** Methods that a path answers to. A star or a parameter matches as the router would. */
function methodsOf(routes: readonly Route[], pathname: string): string[] {
  const matches = (path: string) =>
    new RegExp(
      `^${path
        .replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&")
        .replaceAll(/:\w+/g, "[^/]+")
        .replaceAll("*", ".*")}$`,
    ).test(pathname);
  return [...new Set(routes.filter(({ path }) => path !== "/*" && matches(path)).map(({ method }) => method))];
}
