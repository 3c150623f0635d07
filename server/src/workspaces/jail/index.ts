/**
 * The root jail: the one way from a path that somebody sent to something on the disk. Whatever takes a path below the
 * workspaces root comes through here, and what it gets is held open, so that it cannot become something else.
 */
import { mkdir } from "node:fs/promises";
import { codeOf, fromSystem, isAFolder, missing, notAFolder, WorkspaceError } from "../errors.ts";
import type { Handle } from "./handle.ts";
import { namesOf } from "./names.ts";
import { holds, type Place, walk } from "./walk.ts";

export { canAnchor, Handle } from "./handle.ts";
export { holds, type Place } from "./walk.ts";

/** A place with something in it. */
export type Found = Place & { readonly found: Handle };

export interface JailOptions {
  /** Whether folders are held by handle; for tests of the way that other systems take. */
  anchored?: boolean;
}

export class Jail {
  readonly #anchored: boolean | undefined;

  /** @param root absolute, with its links resolved */
  constructor(
    readonly root: string,
    { anchored }: JailOptions = {},
  ) {
    this.#anchored = anchored;
  }

  /**
   * What is at a path.
   *
   * @throws WorkspaceError `missing` when nothing is, a file on the way included; `outside` or `invalid`
   */
  async find(path: string): Promise<Found> {
    const names = namesOf(path);
    const place = await this.#walk(names).catch((error: unknown) => {
      throw error instanceof WorkspaceError && error.kind === "not_a_folder" ? missing(names.join("/")) : error;
    });
    if (place.found !== null) return place as Found;
    place[Symbol.dispose]();
    throw missing(names.join("/"));
  }

  /**
   * Where a path leads, whether or not there is anything. Makes nothing.
   *
   * @throws WorkspaceError `not_a_folder` when a file is on the way; `outside` or `invalid`
   */
  async look(path: string): Promise<Place> {
    return this.#walk(namesOf(path));
  }

  /**
   * The folder that a path's last name is in, and that name, which may be a link's.
   *
   * @throws WorkspaceError as `find` does, and `is_a_folder` for the root, which is in none
   */
  async holder(path: string): Promise<{ folder: Found; name: string }> {
    const names = namesOf(path);
    const name = names.pop();
    if (name === undefined) throw isAFolder("");
    return { folder: await this.find(names.join("/")), name };
  }

  /** Like `look`, with every folder on the way made, so that at most the last name is absent. */
  async prepare(path: string): Promise<Place> {
    const names = namesOf(path);
    for (let made = 0; ; made++) {
      const place = await this.#walk(names);
      const [first, second] = place.absent;
      if (first === undefined || second === undefined) return place;
      try {
        // Only as often as there are folders to make, unless somebody removes them as fast.
        if (made > 2 * names.length + 8) throw missing(names.join("/"));
        if (place.folder === null) throw notAFolder(names.join("/"));
        await mkdir(place.folder.child(first));
      } catch (error) {
        if (codeOf(error) !== "EEXIST") throw fromSystem(error, names.join("/"));
      } finally {
        place[Symbol.dispose]();
      }
    }
  }

  /** The path below the root of something outside this module's care; null when it is not below it. */
  nameOf(path: string): string | null {
    return holds(this.root, path) ? path.slice(this.root.length).replace(/^\/+/, "") : null;
  }

  #walk(names: readonly string[]): Promise<Place> {
    return walk(this.root, names, this.#anchored);
  }
}
