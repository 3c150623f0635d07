/** Paths below a workspace: names with slashes between them, and the empty one for the workspace itself. */

export const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

export const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")));

export const joined = (folder: string, name: string): string => (folder === "" ? name : `${folder}/${name}`);

/** Whether a path is another or within it. */
export const isWithin = (path: string, folder: string): boolean =>
  folder === "" || path === folder || path.startsWith(`${folder}/`);

/** The folders that a path is in, from the workspace down, without itself. */
export function ancestorsOf(path: string): string[] {
  const names = path.split("/");
  return names.map((_, index) => names.slice(0, index).join("/"));
}

/** Where a path is after something that it may be in was moved. */
export const moved = (path: string, from: string, to: string): string =>
  isWithin(path, from) ? to + path.slice(from.length) : path;

/** As a person may have typed it, as the server has it; spaces around names belong to them. */
export const tidy = (typed: string): string =>
  typed
    .split("/")
    .filter((name) => name !== "" && name !== ".")
    .join("/");
