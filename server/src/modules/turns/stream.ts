/** A turn as server-sent frames of one family, from the first event to the end or to a failure midway. */
import type { ApiError } from "../../http/errors.ts";
import { eventStream } from "../../http/event-stream.ts";
import { errorBody, type Family } from "../../http/families.ts";
import { contextOf } from "../../http/request-context.ts";
import { fromSessionError } from "../../http/session-errors.ts";
import { type ReplyEvent, SessionError } from "../../sessions/index.ts";
import type { OpenReply } from "./turns.ts";

export interface StreamFormat {
  family: Family;
  /** Frames for one event; empty for none. */
  frames: (event: ReplyEvent) => string;
  /** The frame that tells of a failure after the stream has begun. */
  errorFrame: (body: object) => string;
  heartbeat?: string;
}

export function streamReply(request: Request, { events, headers }: OpenReply, format: StreamFormat): Response {
  return eventStream(request, frames(), {
    headers,
    ...(format.heartbeat === undefined ? {} : { heartbeat: format.heartbeat }),
  });

  async function* frames(): AsyncGenerator<string> {
    try {
      for await (const event of events) {
        const text = format.frames(event);
        if (text !== "") yield text;
      }
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      const failure: ApiError = fromSessionError(error);
      yield format.errorFrame(errorBody(format.family, failure, contextOf(request).id));
    }
  }
}
