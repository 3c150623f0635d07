/** Whether the CLI lacks an account: by what its latest process says of itself, or by what the latest turn was refused for. */
import type { SessionManager } from "../../sessions/index.ts";

export class LoginWatch implements Disposable {
  readonly #sessions: SessionManager;
  readonly #stop: () => void;
  #wasRefused = false;

  constructor(sessions: SessionManager) {
    this.#sessions = sessions;
    this.#stop = sessions.observe({
      launched: () => {},
      asked: () => {},
      said: (_id, event) => {
        // An answer of the model's: whoever asked was let in.
        if (event.type === "result") this.#wasRefused = false;
      },
      failed: (_id, error) => {
        if (error.kind === "not_logged_in") this.#wasRefused = true;
      },
    });
  }

  get needsLogin(): boolean {
    return this.#wasRefused || this.#sessions.processInfo?.account === null;
  }

  [Symbol.dispose](): void {
    this.#stop();
  }
}
