/** From a workspace's name and a path below it to a path below the workspaces root. */
import { namesOf } from "../../workspaces/jail/names.ts";
import type { Workspaces } from "../../workspaces/workspaces.ts";

export interface WorkspacePlace {
  /** Below the workspaces root. */
  full: string;
  /** Below the workspace; empty for the workspace itself. */
  path: string;
  /** Of the workspace, below the root, with links resolved. */
  workspace: string;
  /** Absolute path of the workspace. */
  cwd: string;
}

/**
 * Both are looked at apart: neither can climb out of what the other names.
 *
 * @throws WorkspaceError when there is no such workspace, or no file could have that path
 */
export async function placeOf(workspaces: Workspaces, name: string, given: string): Promise<WorkspacePlace> {
  const path = namesOf(given).join("/");
  const cwd = await workspaces.resolve(name);
  const workspace = workspaces.nameOf(cwd) ?? name;
  return { full: joined(workspace, path), path, workspace, cwd };
}

const joined = (folder: string, path: string): string =>
  folder === "" || path === "" ? folder + path : `${folder}/${path}`;
