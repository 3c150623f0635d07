/** The server's token: as configured, or made on the first start and kept. */
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Reads the token kept in the data folder, or makes one and keeps it there, readable by its owner alone. */
export function loadToken(dataFolder: string): string {
  const path = join(dataFolder, "token");
  const kept = readKept(path);
  const token = kept ?? `lodge-${randomBytes(24).toString("base64url")}`;
  if (kept === null) {
    mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
    writeFileSync(path, `${token}\n`, { mode: 0o600 });
  }
  // The mode above is for a new file only; one that was copied or restored may be open to others.
  chmodSync(path, 0o600);
  return token;
}

function readKept(path: string): string | null {
  try {
    return readFileSync(path, "utf8").trim() || null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
