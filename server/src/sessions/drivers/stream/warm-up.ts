/**
 * A message that a process gets before its first turn and does not take: what runs for the first time on the way of a
 * message into the CLI has run then. A hook of ours blocks it, and the CLI forgets it.
 */
import type { Options } from "@anthropic-ai/claude-agent-sdk";

export class WarmUp {
  /** Stands in the transcript's notice of a blocked message, which no model and no page shows. */
  static readonly text = "Lodge warms this process up.";

  #isUnderWay = false;
  #wasBlocked = false;

  /** For the SDK. Once the warm-up is over every message passes. */
  readonly hooks: NonNullable<Options["hooks"]> = {
    UserPromptSubmit: [{ hooks: [async () => (this.#isUnderWay ? this.#block() : {})] }],
  };

  /** Whether the message was blocked; where hooks are forbidden, it was not. */
  async run(sendMessage: () => Promise<void>): Promise<boolean> {
    this.#isUnderWay = true;
    try {
      await sendMessage();
    } finally {
      this.#isUnderWay = false;
    }
    return this.#wasBlocked;
  }

  #block() {
    this.#wasBlocked = true;
    return { decision: "block" as const, reason: WarmUp.text };
  }
}
