/** The whole route map. */
import { Elysia } from "elysia";
import { hooks, type HookOptions } from "./http/hooks.ts";
import { anthropic } from "./modules/anthropic/index.ts";
import { dashboard, type DashboardSources } from "./modules/dashboard/index.ts";
import { pages, type PageSource } from "./modules/dashboard/pages.ts";
import { sessionRoutes, type SessionSource } from "./modules/dashboard/sessions.ts";
import { docs } from "./modules/docs/index.ts";
import { health, type HealthSource } from "./modules/health/index.ts";
import { models, type ModelSource } from "./modules/models/index.ts";
import { openai } from "./modules/openai/index.ts";
import type { TurnServices } from "./modules/turns/turns.ts";

export interface AppServices {
  version: string;
  hooks: Omit<HookOptions, "methodsOf">;
  turns: TurnServices;
  models: ModelSource;
  health: HealthSource;
  dashboard: DashboardSources;
  sessions: SessionSource;
  pages: PageSource;
}

export const createApp = (services: AppServices) => {
  const routes: Route[] = [];
  const app = new Elysia()
    .use(hooks({ ...services.hooks, methodsOf: (path) => methodsOf(routes, path) }))
    .use(docs(services.version))
    .use(health(services.health))
    .use(anthropic(services.turns))
    .use(openai(services.turns))
    .use(models(services.models))
    .use(dashboard(services.dashboard))
    .use(sessionRoutes(services.sessions))
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
