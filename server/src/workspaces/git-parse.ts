/** git's answers for programs: `status --porcelain=v2 -z` and `log --name-status -z`. */

export type FileState = "modified" | "added" | "deleted" | "renamed" | "untracked" | "conflicted";

export interface Status {
  branch: string | null;
  ahead: number;
  behind: number;
  /** Below the folder that was asked about. A folder's path ends in a slash. */
  changes: { path: string; state: FileState }[];
  truncated: boolean;
}

export interface Commit {
  id: string;
  author: string;
  /** Milliseconds since the epoch. */
  at: number;
  subject: string;
  /** From the top of the repository. */
  path: string;
  previousPath: string | null;
}

/** @param prefix where the folder is in its repository: empty, or with a slash at its end */
export function parseStatus(output: string, prefix: string, limit: number): Status {
  const status: Status = { branch: null, ahead: 0, behind: 0, changes: [], truncated: false };
  const records = output.split("\0").values();
  for (const record of records) {
    if (record.startsWith("# ")) readHead(record, status);
    else {
      const change = changeOf(record);
      // The name that it had comes in a record of its own.
      if (record.startsWith("2 ")) records.next();
      if (change === null || !change.path.startsWith(prefix)) continue;
      if (status.changes.length === limit) return { ...status, truncated: true };
      status.changes.push({ ...change, path: change.path.slice(prefix.length) });
    }
  }
  return status;
}

function readHead(record: string, status: Status): void {
  const [, key, ...values] = record.split(" ");
  if (key === "branch.head" && values[0] !== "(detached)") status.branch = values.join(" ").slice(0, 256);
  if (key !== "branch.ab") return;
  status.ahead = Math.abs(Number(values[0])) || 0;
  status.behind = Math.abs(Number(values[1])) || 0;
}

/** Fields before the path, by the kind of record. */
const fieldsBefore: Record<string, number> = { "1": 8, "2": 9, u: 10 };

function changeOf(record: string): { path: string; state: FileState } | null {
  const kind = record[0] ?? "";
  if (kind === "?") return { path: record.slice(2), state: "untracked" };
  const skipped = fieldsBefore[kind];
  if (skipped === undefined) return null;
  const path = record.split(" ").slice(skipped).join(" ");
  return { path, state: kind === "u" ? "conflicted" : kind === "2" ? "renamed" : stateOf(record.slice(2, 4)) };
}

/** @param marks what changed in the index and in the folder */
function stateOf(marks: string): FileState {
  if (marks.includes("D")) return "deleted";
  return marks.startsWith("A") ? "added" : "modified";
}

/** Of a log whose format is `%x01%H%x01%an%x01%at%x01%s`. */
export function parseHistory(output: string): Commit[] {
  const commits: Commit[] = [];
  const tokens = output.split("\0");
  for (let index = 0; index < tokens.length; index++) {
    const [, id, author, at, ...subject] = tokens[index]!.replace(/^\n/, "").split("\u0001");
    if (id === undefined || author === undefined || at === undefined) continue;
    const mark = tokens[index + 1]?.replace(/^\n/, "") ?? "";
    const isRenamed = /^[RC]/.test(mark);
    const [first, second] = [tokens[index + 2], tokens[index + 3]];
    // A merge that took one side as it was tells of no file.
    if (!/^[A-Z]\d*$/.test(mark) || first === undefined || (isRenamed && second === undefined)) continue;
    commits.push({
      id,
      author: author.slice(0, 256),
      at: Number(at) * 1000,
      subject: subject.join(" ").slice(0, 1000),
      path: isRenamed ? second! : first,
      previousPath: isRenamed ? first : null,
    });
  }
  return commits;
}
