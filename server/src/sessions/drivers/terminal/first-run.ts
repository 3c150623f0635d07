/**
 * Answers what the CLI asks on its first run in a config folder, by writing to that folder beforehand what it would
 * write itself. Only ever done to a folder that is Lodge's own.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface FirstRun {
  configDir: string;
  /** The key that the process logs in with, if it does by key. */
  apiKey: string | undefined;
  /** Folders whose files may be read and run without asking. */
  trusted: readonly string[];
}

/** The CLI knows a key again by this many characters at its end. */
const keyTail = 20;

/**
 * In one go, without giving way: sessions that start at once cannot lose each other's changes. The CLI renames its own
 * copy into place too, so what it reads is always whole.
 */
export function seedFirstRun(seed: FirstRun): void {
  const path = join(seed.configDir, ".claude.json");
  const before = existsSync(path) ? readFileSync(path, "utf8") : "";
  const after = seededConfig(before, seed);
  if (after === before) return;
  mkdirSync(seed.configDir, { recursive: true, mode: 0o700 });
  const temporary = `${path}.${crypto.randomUUID()}.tmp`;
  writeFileSync(temporary, after, { mode: 0o600 });
  renameSync(temporary, path);
}

/** The file's text with what was missing; the same text when nothing was. What cannot be read is replaced. */
export function seededConfig(text: string, { apiKey, trusted }: FirstRun): string {
  const config = parse(text);
  const seeded: Record<string, unknown> = {
    ...config,
    hasCompletedOnboarding: true,
    theme: config["theme"] ?? "dark",
    bypassPermissionsModeAccepted: true,
  };
  if (apiKey !== undefined) {
    const responses = object(config["customApiKeyResponses"]);
    const approved = list(responses["approved"]);
    const tail = apiKey.slice(-keyTail);
    seeded["customApiKeyResponses"] = {
      ...responses,
      approved: approved.includes(tail) ? approved : [...approved, tail],
      rejected: list(responses["rejected"]).filter((other) => other !== tail),
    };
  }
  if (trusted.length > 0) {
    const projects = object(config["projects"]);
    const accepted = trusted.map((path) => [path, { ...object(projects[path]), hasTrustDialogAccepted: true }]);
    seeded["projects"] = { ...projects, ...Object.fromEntries(accepted) };
  }
  return Bun.deepEquals(seeded, config) ? text : JSON.stringify(seeded, null, 2);
}

function parse(text: string): Record<string, unknown> {
  try {
    return object(JSON.parse(text));
  } catch {
    return {};
  }
}

const object = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
