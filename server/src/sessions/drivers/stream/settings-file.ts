/** A caller's settings may be secrets, and may be long: the CLI is told of them by a private file, gone with its process. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export class SettingsFile implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "lodge-stream-"));
  readonly path = join(this.#folder, "settings.json");

  constructor(settings: object) {
    writeFileSync(this.path, JSON.stringify(settings), { mode: 0o600 });
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
