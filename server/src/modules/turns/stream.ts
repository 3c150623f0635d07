/** A turn as server-sent frames of one family, from the first event to the end or to a failure midway. */
import { ApiError } from "../../http/errors.ts";
import { eventStream, heartbeatOf } from "../../http/event-stream.ts";
import { errorBody, type Family } from "../../http/families.ts";
import { contextOf } from "../../http/request-context.ts";
import { fromSessionError } from "../../http/session-errors.ts";
import { type ReplyEvent, SessionError } from "../../sessions/index.ts";
import type { OpenReply } from "./turns.ts";

/** @typeParam E what the reply is made of, where it is more than the turn's own events */
export interface StreamFormat<E = ReplyEvent> {
  family: Family;
  /** Frames for one event; empty for none. */
  frames: (event: E) => string;
  /** The frames that tell of a failure after the stream has begun. */
  errorFrame: (body: object, failure: ApiError) => string;
  heartbeat?: string;
}

/**
 * Answers with the turn's events. A failure before the first one is thrown, so that it still gets its status; but a
 * client must hear something in time, so after a long silence, in a queue or of the model, the reply begins without one
 * and a later failure is the stream's own.
 */
export async function streamReply<E = ReplyEvent>(
  request: Request,
  opening: Promise<Omit<OpenReply, "events" | "turn"> & { events: AsyncIterable<E> }>,
  format: StreamFormat<E>,
): Promise<Response> {
  opening.catch(() => {});
  using silence = timeout(heartbeatOf(request));
  const reply = await Promise.race([opening, silence.over]);
  if (reply) await Promise.race([reply.begun, silence.over]);
  return eventStream(request, frames(), {
    headers: reply?.headers ?? {},
    ...(format.heartbeat === undefined ? {} : { heartbeat: format.heartbeat }),
  });

  async function* frames(): AsyncGenerator<string> {
    try {
      const { events } = await opening;
      for await (const event of events) {
        const text = format.frames(event);
        if (text !== "") yield text;
      }
    } catch (error) {
      const failure = error instanceof SessionError ? fromSessionError(error) : error;
      if (!(failure instanceof ApiError)) throw error;
      yield format.errorFrame(errorBody(format.family, failure, contextOf(request).id), failure);
    }
  }
}

function timeout(ms: number): Disposable & { over: Promise<undefined> } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(resolve, ms, undefined);
  return { over: promise, [Symbol.dispose]: () => clearTimeout(timer) };
}
