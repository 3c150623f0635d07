/** Whether a caller may touch a workspace or a session that a request names. */
import type { SessionManager } from "../sessions/index.ts";
import { WorkspaceError, type Workspaces } from "../workspaces/workspaces.ts";
import { type Caller, requireOwn } from "./caller.ts";
import { normalPath } from "./reach.ts";

/**
 * The workspace that a request means, where the caller may work. It is looked up only for those who may not go everywhere:
 * by its name first, so that nobody learns what is elsewhere, and then by where its links lead.
 *
 * @param name as the caller wrote it; empty or absent where they named none
 * @throws AccessError `workspace_foreign`, WorkspaceError
 */
export async function workspaceFor(
  { reach }: Caller,
  workspaces: Workspaces,
  name: string | undefined = "",
): Promise<string> {
  if (!reach.isLimited) return name;
  const wanted = normalPath(name) || reach.preferred;
  reach.require(wanted);
  const folder = await workspaces.resolve(wanted).catch((error: unknown) => {
    if (!(error instanceof WorkspaceError) || error.kind !== "missing") throw error;
    // Here it is a wrong field of a request, not the thing that was asked for.
    throw new WorkspaceError("invalid", error.message, { cause: error });
  });
  const real = workspaces.nameOf(folder) ?? "";
  reach.require(real);
  return real;
}

/**
 * @param name of a session: its id, or the caller's own word for it
 * @throws AccessError `owner_foreign`, `workspace_foreign`
 */
export function requireSession(
  caller: Caller,
  { sessions, workspaces }: { sessions: SessionManager; workspaces: Workspaces },
  name: string | undefined,
): void {
  if (name === undefined || caller.owner === null) return;
  const session = sessions.named(name, caller.owner);
  if (!session) return;
  requireOwn(caller, { owner: session.owner, workspace: workspaces.nameOf(session.cwd) ?? "" }, "The session");
}
