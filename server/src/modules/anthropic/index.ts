/** The Messages API: `POST /v1/messages`, and `POST /v1/messages/count_tokens`. */
import { Elysia } from "elysia";
import { collect } from "../turns/collect.ts";
import { countTokens, tokensPerDocument, tokensPerImage } from "../turns/count.ts";
import { headerParameters } from "../turns/headers.ts";
import { streamReply } from "../turns/stream.ts";
import { openReply, type TurnServices } from "../turns/turns.ts";
import { countRequest, messagesRequest } from "./model.ts";
import { frame, pingFrame, toFrames, toMessage } from "./reply.ts";
import { parseRequest } from "./request.ts";
import { requireRoom } from "./thinking.ts";
import { apiVersion, requireFields } from "./version.ts";

export const anthropic = (services: TurnServices) =>
  new Elysia({ name: "anthropic", detail: { tags: ["Anthropic"] } })
    .post(
      "/v1/messages",
      async ({ body, request }) => {
        requireFields(apiVersion(request.headers), body);
        requireRoom(request.headers, body);
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
      { body: messagesRequest, detail: { summary: "Create a message", parameters: headerParameters } },
    )
    .post(
      "/v1/messages/count_tokens",
      ({ body, request }) => {
        requireFields(apiVersion(request.headers), body);
        requireRoom(request.headers, body);
        return { input_tokens: countTokens(parseRequest(body), services.sessions.processInfo?.models ?? []) };
      },
      {
        body: countRequest,
        detail: {
          summary: "Estimate the input tokens of a message",
          description: `An estimate, made without asking the model: four characters of text, tools or calls are a token, an image is ${tokensPerImage} and a document ${tokensPerDocument}, whatever their size. What the CLI adds of its own is not counted.`,
        },
      },
    );
