/** The Responses API, under `/v1` and, as an earlier system had it, `/openai/v1`. */
import { Elysia } from "elysia";
import type { ResponseStreamEvent } from "openai/resources/responses/responses";
import { z } from "zod";
import { eventStream } from "../../../http/event-stream.ts";
import { callerOf } from "../../../http/request-context.ts";
import { ignoredHeader } from "../../turns/ignored-header.ts";
import { streamReply } from "../../turns/stream.ts";
import { descriptions } from "./descriptions.ts";
import { type ResponsesRequest, responsesRequest } from "./model.ts";
import { page, readInclude, readPage, readStartingAfter } from "./query.ts";
import type { Responses } from "./responses.ts";

const params = z.object({ id: z.string().min(1).max(256) });
const none: ReadonlySet<string> = new Set();

export const responses = (service: Responses) => {
  const create = async ({ body, request }: { body: ResponsesRequest; request: Request }) => {
    const created = service.create(body, request);
    const { prepared, builder } = created;
    if (body.background) {
      const record = await service.inBackground(created);
      if (!body.stream)
        return Response.json(service.wire(record, prepared.include), {
          headers: ignoredHeader(prepared.family.ignored),
        });
      const frames = storedFrames(service.follow(record, -1, request.signal));
      return eventStream(request, frames, { headers: ignoredHeader(prepared.family.ignored) });
    }
    const { foreground, opening } = service.foreground(created);
    if (body.stream) {
      return await streamReply(request, opening, {
        family: "openai",
        frames: frame,
        errorFrame: (_, failure) => foreground.fail(failure).map(frame).join(""),
      });
    }
    const { events, headers } = await opening;
    for await (const _ of events);
    if (foreground.failure) throw foreground.failure;
    return Response.json(builder.response, { headers });
  };

  const count = ({ body, request }: { body: ResponsesRequest; request: Request }) => ({
    object: "response.input_tokens",
    input_tokens: service.countInput(body, request),
  });

  const retrieve = ({ params: { id }, request }: { params: { id: string }; request: Request }) => {
    const record = service.get(id, callerOf(request));
    const query = new URL(request.url).searchParams;
    if (query.get("stream") !== "true") return Response.json(service.wire(record, readInclude(query)));
    return eventStream(request, storedFrames(service.follow(record, readStartingAfter(query), request.signal)));
  };

  const inputItems = ({ params: { id }, request }: { params: { id: string }; request: Request }) => {
    const query = new URL(request.url).searchParams;
    return page(service.inputItems(service.get(id, callerOf(request))), readPage(query), readInclude(query));
  };

  const cancel = async ({ params: { id }, request }: { params: { id: string }; request: Request }) =>
    Response.json(service.wire(await service.cancel(id, callerOf(request)), none));

  const remove = async ({ params: { id }, request }: { params: { id: string }; request: Request }) => {
    await service.delete(id, callerOf(request));
    return { id, object: "response", deleted: true };
  };

  const app = new Elysia({ name: "responses", detail: { tags: ["OpenAI"] } });
  for (const base of ["/v1/responses", "/openai/v1/responses"]) {
    app
      .post(base, create, { body: responsesRequest, detail: descriptions.create })
      .post(`${base}/input_tokens`, count, { body: responsesRequest, detail: descriptions.count })
      .get(`${base}/:id`, retrieve, {
        params,
        query: z.looseObject({
          stream: z.enum(["true", "false"]).optional(),
          starting_after: z
            .string()
            .regex(/^\d{1,15}$/, "must be the sequence number of an event")
            .optional(),
        }),
        detail: descriptions.retrieve,
      })
      .delete(`${base}/:id`, remove, { params, detail: descriptions.remove })
      .post(`${base}/:id/cancel`, cancel, {
        params,
        detail: descriptions.cancel,
      })
      .get(`${base}/:id/input_items`, inputItems, {
        params,
        query: z.looseObject({
          limit: z
            .string()
            .regex(/^\d{1,3}$/, "must be a whole number from 1 to 100")
            .optional(),
          order: z.enum(["asc", "desc"]).optional(),
          after: z.string().max(256).optional(),
        }),
        detail: descriptions.inputItems,
      });
  }
  return app;
};

const frame = (event: ResponseStreamEvent): string => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;

async function* storedFrames(events: AsyncIterable<{ type: string; data: string }>): AsyncGenerator<string> {
  for await (const { type, data } of events) yield `event: ${type}\ndata: ${data}\n\n`;
}
