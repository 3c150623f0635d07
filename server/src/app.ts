/** The whole route map. */
import { Elysia } from "elysia";
import { hooks, type HookOptions } from "./http/hooks.ts";
import { anthropic } from "./modules/anthropic/index.ts";
import { dashboard, type DashboardSources } from "./modules/dashboard/index.ts";
import { jobRoutes } from "./modules/dashboard/jobs.ts";
import { overviewRoutes, type OverviewSource } from "./modules/dashboard/overview.ts";
import { pages, type PageSource } from "./modules/dashboard/pages.ts";
import { sessionRoutes, type SessionSource } from "./modules/dashboard/sessions.ts";
import { usageRoutes, type UsageSource } from "./modules/dashboard/usage.ts";
import { workspaceSettings, type WorkspaceSettingsSource } from "./modules/dashboard/workspace-settings.ts";
import { docs } from "./modules/docs/index.ts";
import { files } from "./modules/files/index.ts";
import { health, type HealthSource } from "./modules/health/index.ts";
import { jobs, type JobServices } from "./modules/jobs/index.ts";
import type { McpEndpoint } from "./modules/mcp/endpoint.ts";
import { mcp } from "./modules/mcp/index.ts";
import { models, type ModelSource } from "./modules/models/index.ts";
import { openai } from "./modules/openai/index.ts";
import { responses } from "./modules/openai/responses/index.ts";
import type { Responses } from "./modules/openai/responses/responses.ts";
import { runs } from "./modules/runs/index.ts";
import { sessionActions, type SessionActions } from "./modules/terminals/actions.ts";
import { audit, type AuditTrail } from "./modules/terminals/audit.ts";
import { terminals, type TerminalServices } from "./modules/terminals/index.ts";
import { transcripts, type TranscriptSource } from "./modules/transcripts/index.ts";
import type { TurnServices } from "./modules/turns/turns.ts";
import type { WorkspaceFiles } from "./workspaces/files/index.ts";

export interface AppServices {
  version: string;
  hooks: Omit<HookOptions, "methodsOf">;
  turns: TurnServices;
  responses: Responses;
  models: ModelSource;
  health: HealthSource;
  dashboard: DashboardSources;
  sessions: SessionSource;
  transcripts: TranscriptSource;
  terminals: TerminalServices;
  sessionActions: SessionActions;
  audit: AuditTrail;
  files: WorkspaceFiles;
  jobs: JobServices;
  workspaceSettings: WorkspaceSettingsSource;
  usage: UsageSource;
  overview: OverviewSource;
  mcp: McpEndpoint;
  pages: PageSource;
}

export const createApp = (services: AppServices) => {
  const routes: Route[] = [];
  // A host of fewer than four letters otherwise shifts what the router takes for the path, past the check of the token.
  const app = new Elysia({ handler: { standardHostname: false } })
    .use(hooks({ ...services.hooks, methodsOf: (path) => methodsOf(routes, path) }))
    .use(docs(services.version))
    .use(health(services.health))
    .use(anthropic(services.turns))
    .use(openai(services.turns))
    .use(responses(services.responses))
    .use(models(services.models))
    .use(files(services.files))
    .use(runs(services.jobs))
    .use(jobs(services.jobs))
    .use(mcp(services.mcp))
    .use(dashboard(services.dashboard))
    .use(sessionRoutes(services.sessions))
    .use(transcripts(services.transcripts))
    .use(terminals(services.terminals))
    .use(sessionActions(services.sessionActions))
    .use(audit(services.audit))
    .use(workspaceSettings(services.workspaceSettings))
    .use(usageRoutes(services.usage))
    .use(overviewRoutes(services.overview))
    .use(jobRoutes(services.jobs))
    .use(pages(services.pages));
  routes.push(...app.routes);
  return app;
};

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
