/** A private folder for what one process is told by file: its prompts and settings. Gone with the process. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LaunchPlan } from "../../launch.ts";
import type { LaunchFiles } from "./arguments.ts";

export class PrivateFiles implements LaunchFiles, Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), "lodge-terminal-"));
  readonly systemPrompt = join(this.folder, "system-prompt");
  readonly settings = join(this.folder, "settings.json");
  readonly mcpServers = join(this.folder, "mcp.json");
  /** The program that the CLI calls as the user's editor. */
  readonly editor = join(this.folder, "editor");
  readonly #message = join(this.folder, "message");

  constructor({ systemPrompt, mcpServers }: LaunchPlan["fixed"], settings: object, usersEditor: string | undefined) {
    write(this.systemPrompt, systemPrompt.type === "custom" ? systemPrompt.prompt : systemPrompt.append, 0o600);
    write(this.settings, JSON.stringify(settings), 0o600);
    write(this.mcpServers, JSON.stringify({ mcpServers }), 0o600);
    write(this.editor, editorScript(this.#message, usersEditor), 0o700);
  }

  /** What the editor will put into the CLI's input box, once. */
  set message(text: string) {
    write(this.#message, text, 0o600);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function write(path: string, text: string, mode: number): void {
  writeFileSync(path, text, { mode, flag: "w" });
}

/**
 * Fills the file that the CLI opens for its input box when there is a message for it. Any other file, and any file
 * opened by a tool of the model (a commit's message, say), goes to the editor that was there before.
 */
function editorScript(message: string, usersEditor: string | undefined): string {
  const fallback = usersEditor === undefined ? "exit 1" : `exec sh -c ${quote(`${usersEditor} "$@"`)} editor "$@"`;
  return `#!/bin/sh
case "$1" in
  */claude-prompt-*)
    if [ -f ${quote(message)} ]; then
      cat ${quote(message)} > "$1" && exec rm ${quote(message)}
    fi ;;
esac
${fallback}
`;
}

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
