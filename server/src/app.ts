/** The whole route map. */
import { Elysia } from "elysia";
import { dashboard, type DashboardSources } from "./modules/dashboard/index.ts";

export const createApp = (sources: { dashboard: DashboardSources }) => new Elysia().use(dashboard(sources.dashboard));

/** The routes as types: what the dashboard's client is made from. */
export type App = ReturnType<typeof createApp>;
