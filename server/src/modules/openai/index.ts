/** The OpenAI family: Chat Completions and the list of models, under `/v1` and, as an earlier system had them, `/openai/v1`. */
import { Elysia } from "elysia";
import { collect } from "../turns/collect.ts";
import { headerParameters } from "../turns/headers.ts";
import { streamReply } from "../turns/stream.ts";
import { openReply, type TurnServices } from "../turns/turns.ts";
import { type ChatRequest, chatRequest } from "./chat/model.ts";
import { ChunkWriter, dataFrame, toCompletion } from "./chat/reply.ts";
import { parseRequest } from "./chat/request.ts";
import { customNames } from "./chat/tools.ts";

export const openai = (services: TurnServices) => {
  const complete = async ({ body, request }: { body: ChatRequest; request: Request }) => {
    const opening = openReply(services, request, parseRequest(body));
    if (body.stream) {
      const writer = new ChunkWriter(body.stream_options?.include_usage ?? false, customNames(body));
      return await streamReply(request, opening, {
        family: "openai",
        frames: (event) => writer.frames(event),
        errorFrame: dataFrame,
      });
    }
    const { events, headers } = await opening;
    return Response.json(toCompletion(await collect(events), customNames(body)), { headers });
  };
  const route = { body: chatRequest, detail: { summary: "Create a chat completion", parameters: headerParameters } };
  return new Elysia({ name: "openai", detail: { tags: ["OpenAI"] } })
    .post("/v1/chat/completions", complete, route)
    .post("/openai/v1/chat/completions", complete, route);
};
