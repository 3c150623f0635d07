/** What is set for one workspace, under `/api/workspace-settings`. A query names it, since the root has no name. */
import { Elysia } from "elysia";
import { z } from "zod";
import { gitModes, type WorkspaceSettingsStore } from "../../store/workspace-settings-store.ts";
import type { Workspaces } from "../../workspaces/workspaces.ts";

export interface WorkspaceSettingsSource {
  settings: WorkspaceSettingsStore;
  workspaces: Workspaces;
}

const query = z.object({ workspace: z.string().max(4096) });
const git = z.enum(gitModes).nullable();
const response = z.object({
  workspace: z.string(),
  /** What git does before each run; null where the server's own setting holds. */
  git,
});

export const workspaceSettings = ({ settings, workspaces }: WorkspaceSettingsSource) => {
  const nameOf = async (name: string) => workspaces.nameOf(await workspaces.resolve(name)) ?? name;
  return new Elysia({ name: "workspace-settings", detail: { tags: ["Dashboard"] } })
    .get(
      "/api/workspace-settings",
      async ({ query: { workspace } }) => {
        const name = await nameOf(workspace);
        return { workspace: name, git: settings.git(name) };
      },
      { query, response, detail: { summary: "A workspace's settings" } },
    )
    .put(
      "/api/workspace-settings",
      async ({ query: { workspace }, body }) => {
        const name = await nameOf(workspace);
        settings.setGit(name, body.git);
        return { workspace: name, git: settings.git(name) };
      },
      { query, body: z.object({ git }), response, detail: { summary: "Set a workspace's settings" } },
    );
};
