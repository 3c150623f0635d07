/** The secret that webhooks are signed with, when the settings name none: made once and kept, as the token is. */
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Reads the one in the data folder, or makes it there, readable by its owner alone. */
export function loadWebhookSecret(dataFolder: string): string {
  const path = join(dataFolder, "webhook-secret");
  const kept = read(path);
  const secret = kept ?? `whsec_${randomBytes(32).toString("base64")}`;
  if (kept === null) {
    mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
    writeFileSync(path, `${secret}\n`, { mode: 0o600 });
  }
  chmodSync(path, 0o600);
  return secret;
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8").trim() || null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
