/** The Messages API: `POST /v1/messages`. */
import { Elysia } from "elysia";
import { collect } from "../turns/collect.ts";
import { streamReply } from "../turns/stream.ts";
import { openReply, type TurnServices } from "../turns/turns.ts";
import { messagesRequest } from "./model.ts";
import { frame, parseRequest, pingFrame, toFrames, toMessage } from "./translate.ts";

export const anthropic = (services: TurnServices) =>
  new Elysia({ name: "anthropic", detail: { tags: ["Anthropic"] } }).post(
    "/v1/messages",
    async ({ body, request }) => {
      const opening = openReply(services, request, parseRequest(body));
      if (body.stream) {
        return await streamReply(request, opening, {
          family: "anthropic",
          frames: toFrames,
          errorFrame: (error) => frame(error as { type: "error" }),
          heartbeat: pingFrame,
        });
      }
      const { events, headers } = await opening;
      return Response.json(toMessage(await collect(events)), { headers });
    },
    { body: messagesRequest, detail: { summary: "Create a message" } },
  );
