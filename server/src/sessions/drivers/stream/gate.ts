/**
 * Holds up the first turn of a process that begins it by itself: such a process does not wait to be told of its tools, nor
 * of hooks in this process. A hook that its settings name it knows from the start, and calls before it asks the model.
 */
import type { Settings } from "@anthropic-ai/claude-agent-sdk";

/** Seconds that the CLI waits; a process that is longer in starting has been given up by then. */
const hookTimeout = 3600;

export class Gate implements AsyncDisposable {
  readonly #opened = Promise.withResolvers<void>();
  readonly #server: Bun.Server<undefined>;

  constructor() {
    this.#server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      idleTimeout: 0,
      fetch: async () => {
        await this.#opened.promise;
        // An empty answer leaves no trace in the transcript.
        return new Response(null);
      },
    });
  }

  open(): void {
    this.#opened.resolve();
  }

  /** The CLI's settings, with the hook among those that they name. */
  settings(own: Settings): Settings {
    const hook = { type: "http" as const, url: `http://127.0.0.1:${this.#server.port}/`, timeout: hookTimeout };
    const { hooks = {} } = own;
    return { ...own, hooks: { ...hooks, UserPromptSubmit: [...(hooks.UserPromptSubmit ?? []), { hooks: [hook] }] } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.open();
    await this.#server.stop(true);
  }
}
