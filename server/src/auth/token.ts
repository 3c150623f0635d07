import { randomBytes } from "node:crypto";
/** The server's token: as configured, or made on the first start and kept. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Reads the token kept in the data folder, or makes one and keeps it there, readable by its owner alone. */
export function loadToken(dataFolder: string): string {
  const path = join(dataFolder, "token");
  try {
    const kept = readFileSync(path, "utf8").trim();
    if (kept !== "") return kept;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const token = `lodge-${randomBytes(24).toString("base64url")}`;
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  writeFileSync(path, `${token}\n`, { mode: 0o600 });
  return token;
}
