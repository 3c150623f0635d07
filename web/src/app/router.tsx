/** Which address shows which page. Pages are loaded when they are first wanted. */
import {
  type AnyRoute,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { auditSearch } from "../features/audit/search.ts";
import { chatSearch } from "../features/chat/search.ts";
import { filesSearch } from "../features/files/search.ts";
import { jobsSearch, newJobSearch } from "../features/jobs/search.ts";
import { sessionsSearch } from "../features/sessions/filter.ts";
import { sessionSearch } from "../features/sessions/session-search.ts";
import { settingsSearch } from "../features/settings/search.ts";
import { usageSearch } from "../features/usage/search.ts";
import { workspacesSearch } from "../features/workspaces/list.ts";
import { textParam } from "../lib/text-filter.ts";
import { BrokenPage, NotFoundPage } from "./fallback-pages.tsx";
import { Shell } from "./shell.tsx";

const root = createRootRoute({ component: Shell });

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: lazyRouteComponent(() => import("../features/overview/page.tsx"), "OverviewPage"),
});

/** Logging in happens at any address; whoever types this one wants to be let in. */
const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  beforeLoad: () => {
    throw redirect({ to: "/", replace: true });
  },
});

const sessions = createRoute({
  getParentRoute: () => root,
  path: "/sessions",
  validateSearch: sessionsSearch,
  component: lazyRouteComponent(() => import("../features/sessions/list-page.tsx"), "SessionsPage"),
});

const sessionSearchRoute = createRoute({
  getParentRoute: () => root,
  path: "/sessions/search",
  validateSearch: ({ q }: Record<string, unknown>): { q?: string } => {
    const words = textParam(q);
    return words === undefined ? {} : { q: words };
  },
  component: lazyRouteComponent(() => import("../features/sessions/search-page.tsx"), "SessionSearchPage"),
});

const session = createRoute({
  getParentRoute: () => root,
  path: "/sessions/$id",
  validateSearch: sessionSearch,
  component: lazyRouteComponent(() => import("../features/sessions/details-page.tsx"), "SessionPage"),
});

const workspaces = createRoute({
  getParentRoute: () => root,
  path: "/workspaces",
  validateSearch: workspacesSearch,
  component: lazyRouteComponent(() => import("../features/workspaces/page.tsx"), "WorkspacesPage"),
});

/** Below the workspace, since `/files` is the files' own API. */
const files = createRoute({
  getParentRoute: () => root,
  path: "/workspaces/$name/files/$",
  validateSearch: filesSearch,
  component: lazyRouteComponent(() => import("../features/files/page.tsx"), "FilesPage"),
});

const usage = createRoute({
  getParentRoute: () => root,
  path: "/usage",
  validateSearch: usageSearch,
  component: lazyRouteComponent(() => import("../features/usage/page.tsx"), "UsagePage"),
});

const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings",
  validateSearch: settingsSearch,
  component: lazyRouteComponent(() => import("../features/settings/page.tsx"), "SettingsPage"),
});

const audit = createRoute({
  getParentRoute: () => root,
  path: "/audit",
  validateSearch: auditSearch,
  component: lazyRouteComponent(() => import("../features/audit/page.tsx"), "AuditPage"),
});

const tryIt = createRoute({
  getParentRoute: () => root,
  path: "/try",
  validateSearch: chatSearch,
  component: lazyRouteComponent(() => import("../features/chat/page.tsx"), "TryPage"),
});

/** Not `/jobs`: that is the jobs' own API, on the same server. */
const jobs = createRoute({
  getParentRoute: () => root,
  path: "/work",
  validateSearch: jobsSearch,
  component: lazyRouteComponent(() => import("../features/jobs/list-page.tsx"), "JobsPage"),
});

const newJob = createRoute({
  getParentRoute: () => root,
  path: "/work/new",
  validateSearch: newJobSearch,
  component: lazyRouteComponent(() => import("../features/jobs/new-page.tsx"), "NewJobPage"),
});

const job = createRoute({
  getParentRoute: () => root,
  path: "/work/$id",
  component: lazyRouteComponent(() => import("../features/jobs/details-page.tsx"), "JobPage"),
});

const routeTree = root.addChildren([
  home,
  login,
  sessions,
  sessionSearchRoute,
  session,
  workspaces,
  jobs,
  newJob,
  job,
  files,
  usage,
  settings,
  audit,
  tryIt,
]);

export function createAppRouter() {
  return createRouter({
    routeTree,
    defaultPreload: "intent",
    scrollRestoration: true,
    defaultNotFoundComponent: NotFoundPage,
    defaultErrorComponent: BrokenPage,
  });
}

/** Fetches the page of the present address before anything shows it. What goes wrong with that is told when it is shown. */
export function preloadPage(router: AppRouter): void {
  const routes: Record<string, AnyRoute> = router.routesById;
  const matches: { routeId: string }[] = router.matchRoutes(router.latestLocation);
  for (const { routeId } of matches) {
    const route = routes[routeId];
    if (route) void router.loadRouteChunk(route)?.catch(() => {});
  }
}

export type AppRouter = ReturnType<typeof createAppRouter>;

declare module "@tanstack/react-router" {
  interface Register {
    router: AppRouter;
  }
}
