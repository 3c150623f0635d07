/** A response that its client waits for: its events as they come, each kept before it is sent. */
import type { ResponseStreamEvent } from "openai/resources/responses/responses";
import type { ApiError } from "../../../http/errors.ts";
import { SessionError } from "../../../sessions/index.ts";
import type { OpenReply } from "../../turns/turns.ts";
import type { ResponseBuilder } from "./builder.ts";
import { toApiError } from "./failure.ts";
import type { Recording } from "./recording.ts";
import { isOver } from "./response.ts";

export interface ForegroundParts {
  builder: ResponseBuilder;
  /** Null when nothing is to be kept. */
  recording: Recording | null;
  /** Aborted when the client is gone. */
  signal: AbortSignal;
  onFailure: (error: unknown) => void;
}

export class Foreground {
  readonly #parts: ForegroundParts;
  /** What it failed with. */
  failure: ApiError | undefined;

  constructor(parts: ForegroundParts) {
    this.#parts = parts;
  }

  /** Up to and with the response's end, whichever it is. */
  async *events(reply: Pick<OpenReply, "events">): AsyncGenerator<ResponseStreamEvent> {
    const { builder, signal } = this.#parts;
    const isDone = () => isOver(builder.head.status);
    try {
      for await (const event of reply.events) yield* this.#kept(builder.push(event));
      if (!isDone()) throw new SessionError("process_died", "The session ended the turn without a result.");
    } catch (thrown) {
      if (isDone()) throw thrown;
      // Nobody reads on: the end is kept all the same.
      yield* signal.aborted ? this.#kept(builder.cancel()) : this.fail(toApiError(thrown, this.#parts.onFailure));
    } finally {
      if (!isDone()) this.#kept(builder.cancel());
    }
  }

  fail(error: ApiError): ResponseStreamEvent[] {
    this.failure = error;
    return this.#kept(this.#parts.builder.fail(error));
  }

  #kept(events: ResponseStreamEvent[]): ResponseStreamEvent[] {
    this.#parts.recording?.keep(events);
    return events;
  }
}
