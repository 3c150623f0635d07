/** The workspaces that somebody may touch: all, or some with everything below them. Paths are below the workspaces root. */
import { namesOf } from "../workspaces/jail/names.ts";
import { AccessError } from "./errors.ts";

/** The one spelling that all spellings of a path come to. @throws WorkspaceError for one that climbs */
export const normalPath = (path: string): string => namesOf(path).join("/");

export class Reach {
  readonly #roots: readonly string[] | null;

  /** @param roots in their one spelling; null for all */
  constructor(roots: readonly string[] | null) {
    this.#roots = roots;
  }

  get isLimited(): boolean {
    return this.#roots !== null;
  }

  /** The workspace of a request that names none. */
  get preferred(): string {
    return this.#roots?.[0] ?? "";
  }

  /** @param path in its one spelling */
  includes(path: string): boolean {
    return this.#roots === null || this.#roots.some((root) => isWithin(path, root));
  }

  /** Whether one comes by there on the way to a workspace that may be touched. */
  leadsOn(path: string): boolean {
    return this.#roots !== null && this.#roots.some((root) => isWithin(root, path));
  }

  /**
   * @param thing that is in the workspace at that path, which its name is then not told of: `The job`
   * @throws AccessError `workspace_foreign`
   */
  require(path: string, thing?: string): void {
    if (this.includes(path)) return;
    const which = path === "" ? "the whole workspaces root" : JSON.stringify(path);
    const wrong = thing === undefined ? `This key is not for ${which}.` : `${thing} is in a workspace of others.`;
    const mine = (this.#roots ?? []).map((root) => JSON.stringify(root)).join(", ");
    throw new AccessError("workspace_foreign", `${wrong} This key is for ${mine} and what is below.`);
  }
}

const isWithin = (path: string, root: string): boolean => root === "" || path === root || path.startsWith(`${root}/`);
