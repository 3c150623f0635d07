/** What is set for one workspace, under `/api/workspace-settings`. A query names it, since the root has no name. */
import { limits, workspaceSettings as settingsForm, workspaceSettingsAnswer } from "@lodge/shared";
import { Elysia } from "elysia";
import { z } from "zod";
import type { Caller } from "../../auth/caller.ts";
import { callerOf } from "../../http/request-context.ts";
import type { WorkspaceSettingsStore } from "../../store/workspace-settings-store.ts";
import type { Workspaces } from "../../workspaces/workspaces.ts";

export interface WorkspaceSettingsSource {
  settings: WorkspaceSettingsStore;
  workspaces: Workspaces;
  /** Told who has set something. */
  changed: (workspace: string, caller: Caller) => void;
}

const query = z.object({ workspace: z.string().max(limits.path) });

export const workspaceSettings = ({ settings, workspaces, changed }: WorkspaceSettingsSource) => {
  const nameOf = async (name: string) => workspaces.nameOf(await workspaces.resolve(name)) ?? name;
  return new Elysia({ name: "workspace-settings", detail: { tags: ["Dashboard"] } })
    .get(
      "/api/workspace-settings",
      async ({ query: { workspace } }) => {
        const name = await nameOf(workspace);
        return { workspace: name, ...settings.get(name) };
      },
      { query, response: workspaceSettingsAnswer, detail: { summary: "A workspace's settings" } },
    )
    .put(
      "/api/workspace-settings",
      async ({ query: { workspace }, body, request }) => {
        const name = await nameOf(workspace);
        changed(name, callerOf(request));
        const before = settings.get(name);
        const { git = before.git, model = before.model, mode = before.mode, hint = before.hint } = body;
        const { mcpServers = before.mcpServers } = body;
        settings.set(name, { git, model, mode, hint, mcpServers });
        return { workspace: name, ...settings.get(name) };
      },
      {
        query,
        body: settingsForm.partial().strict(),
        response: workspaceSettingsAnswer,
        detail: { summary: "Set a workspace's settings", description: "What is absent stays as it is." },
      },
    );
};
