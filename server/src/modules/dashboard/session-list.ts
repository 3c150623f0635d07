/** Sessions under `/api/sessions` as a person looks for them: filtered and by the page, live or not. */
import {
  limits,
  sessionChoices,
  type SessionChoices,
  type SessionFilter,
  sessionListPage,
  type SessionListPage,
  sessionListQuery,
  type SessionListQuery,
  type SessionSummary,
} from "@lodge/shared";
import { Elysia } from "elysia";
import { normalPath, type Reach } from "../../auth/reach.ts";
import { callerOf } from "../../http/request-context.ts";
import type { CatalogFilter, CatalogPlace, SessionCatalogStore } from "../../store/session-catalog-store.ts";

export interface SessionListSource {
  catalog: SessionCatalogStore;
  /** Null when there never was such a session. */
  session(id: string): SessionSummary | null;
  /** Of the folder that a workspace's name stands for; there need not be one any more. */
  workspacePath(name: string): string;
  /** The other way round; the folder itself where it is none of a workspace. */
  workspaceName(cwd: string): string;
}

export const sessionList = (source: SessionListSource) =>
  new Elysia({ name: "session-list", detail: { tags: ["Dashboard"] } })
    .get(
      "/api/sessions",
      ({ query, request }) => {
        const { reach } = callerOf(request);
        // Whoever is not to see all workspaces sees one at a time.
        return pageOf(source, reach.isLimited ? { ...query, workspace: listedIn(reach, query.workspace) } : query);
      },
      {
        query: sessionListQuery,
        response: sessionListPage,
        detail: { summary: "Sessions, the most recently active first" },
      },
    )
    .get(
      "/api/session-choices",
      ({ request }) => {
        const { reach } = callerOf(request);
        return choicesOf(source, reach.isLimited ? { workspace: listedIn(reach) } : {});
      },
      {
        response: sessionChoices,
        detail: { summary: "Workspaces, models and tags that sessions can be filtered by" },
      },
    );

function pageOf(source: SessionListSource, { cursor, limit, ...filter }: SessionListQuery): SessionListPage {
  const { catalog } = source;
  const conditions = conditionsOf(source, filter);
  const after = cursor === undefined ? null : placeOf(cursor);
  // One more than is shown tells whether there is another page.
  const places = catalog.page(conditions, after, limit + 1);
  const shown = places.slice(0, limit);
  const last = shown.at(-1);
  return {
    sessions: shown.flatMap(({ id }) => source.session(id) ?? []),
    next: places.length > limit && last ? `${last.at}-${last.id}` : null,
    total: catalog.total(conditions, after),
  };
}

function choicesOf(source: SessionListSource, filter: SessionFilter): SessionChoices {
  const { cwds, models, tags } = source.catalog.choices(conditionsOf(source, filter), limits.choices);
  const names = cwds.map((cwd) => source.workspaceName(cwd)).filter((name) => name !== "");
  return { workspace: [...new Set(names)].toSorted(), model: models.toSorted(), tag: tags.toSorted() };
}

function listedIn(reach: Reach, workspace = ""): string {
  const wanted = normalPath(workspace) || reach.preferred;
  reach.require(wanted);
  return wanted;
}

function conditionsOf(source: SessionListSource, { workspace, ...filter }: SessionFilter): CatalogFilter {
  return { ...filter, cwd: workspace === undefined ? undefined : source.workspacePath(workspace) };
}

function placeOf(cursor: string): CatalogPlace {
  const dash = cursor.indexOf("-");
  return { at: Number(cursor.slice(0, dash)), id: cursor.slice(dash + 1) };
}
