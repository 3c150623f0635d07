/** The workspaces' files as far as somebody may touch them. What is elsewhere is refused whether or not it is there. */
import { normalPath, type Reach } from "../../auth/reach.ts";
import { type Check, type Listing, OpenFile, type WorkspaceFiles } from "../../workspaces/files/index.ts";

/** What those who serve files over some protocol need of them. */
export type FileAccess = Pick<WorkspaceFiles, "open" | "look" | "write" | "remove" | "maxBytes"> &
  Partial<Pick<WorkspaceFiles, "candidates">>;

/**
 * Paths are looked at twice: as they were written, and as they are when all links are followed. On the way from the root
 * to a workspace only the names are shown that lead there. No program looks through files for them: it would read all.
 */
export function reachable(files: WorkspaceFiles, reach: Reach): FileAccess {
  if (!reach.isLimited) return files;
  const within =
    (check: Check | undefined): Check =>
    (current, path) => {
      reach.require(path);
      check?.(current, path);
    };
  return {
    maxBytes: files.maxBytes,
    async open(path, options) {
      requireOnTheWay(reach, normalPath(path));
      const found = await files.open(path, options);
      if (!(found instanceof OpenFile)) return ownEntries(reach, found);
      if (!reach.includes(found.path)) found.close();
      reach.require(found.path);
      return found;
    },
    async look(path) {
      reach.require(normalPath(path));
      const seen = await files.look(path);
      reach.require(seen.path);
      return seen;
    },
    async write(path, body, { check, length } = {}) {
      reach.require(normalPath(path));
      return await files.write(path, body, { check: within(check), length });
    },
    async remove(path, check) {
      reach.require(normalPath(path));
      return await files.remove(path, within(check));
    },
  };
}

function requireOnTheWay(reach: Reach, path: string): void {
  if (!reach.leadsOn(path)) reach.require(path);
}

function ownEntries(reach: Reach, listing: Listing): Listing {
  requireOnTheWay(reach, listing.path);
  if (reach.includes(listing.path)) return listing;
  const at = (name: string) => (listing.path === "" ? name : `${listing.path}/${name}`);
  const entries = listing.entries.filter(({ name }) => reach.includes(at(name)) || reach.leadsOn(at(name)));
  return { ...listing, entries };
}
