/** The terminals of all live sessions, by session. What feeds them is told from outside: this knows no sessions. */
import { type TerminalState, terminalClose } from "@lodge/shared";
import { LiveTerminal, type TerminalOptions } from "./live-terminal.ts";

export class TerminalHub implements Disposable {
  readonly #terminals = new Map<string, LiveTerminal>();

  get(sessionId: string): LiveTerminal | undefined {
    return this.#terminals.get(sessionId);
  }

  /** A session has a process. One that it had before is no more. */
  open(options: TerminalOptions): LiveTerminal {
    this.#terminals
      .get(options.sessionId)
      ?.end(terminalClose.takenOver, "The session goes on in another process.", { name: "exited", code: null });
    const terminal = new LiveTerminal(options);
    this.#terminals.set(options.sessionId, terminal);
    return terminal;
  }

  /**
   * The process is gone; a terminal that took its place stays.
   *
   * @param goesOn whether another process goes on with the session at once
   */
  end(terminal: LiveTerminal, state: TerminalState, goesOn: boolean): void {
    if (goesOn) terminal.end(terminalClose.takenOver, "The session goes on in another process.", state);
    else terminal.end(terminalClose.sessionEnded, "The session's process has ended.", state);
    if (this.#terminals.get(terminal.sessionId) === terminal) this.#terminals.delete(terminal.sessionId);
  }

  /** The server stops. */
  [Symbol.dispose](): void {
    for (const terminal of this.#terminals.values()) {
      for (const viewer of terminal.viewers) viewer.close(terminalClose.goingAway, "The server stops.");
      terminal[Symbol.dispose]();
    }
    this.#terminals.clear();
  }
}
