/**
 * A real Chromium: the one that `CHROMIUM_PATH` names, else the machine's own, else one that comes as a package. An empty
 * `CHROMIUM_PATH` stands for the package, whatever the machine has.
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import sparticuz, { inflate } from "@sparticuz/chromium";
import { type Browser, chromium } from "playwright-core";

/** No sandbox, since containers do not let root have one; and no talking to its maker. */
const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export async function launchBrowser(): Promise<Browser> {
  const installed = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
  if (existsSync(installed)) return chromium.launch({ executablePath: installed, args });
  const [executablePath, libraries] = await Promise.all([sparticuz.executablePath(), sharedLibraries()]);
  const env = { ...process.env, LD_LIBRARY_PATH: libraries };
  return chromium.launch({ executablePath, args: [...args, "--no-zygote"], env });
}

/** What this Chromium needs beyond libc (NSS, for one) lies beside it, and is not unpacked unless asked for. */
async function sharedLibraries(): Promise<string> {
  const build = dirname(fileURLToPath(import.meta.resolve("@sparticuz/chromium")));
  return join(await inflate(join(build, "../bin/al2023.tar.br")), "lib");
}
