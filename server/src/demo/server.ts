import { prettifyError, type z } from "zod";
import type { Clock } from "./clock.ts";
import { modelPage, models } from "./models.ts";
import { type BrokenPlan, failure, type FailurePlan } from "./plan.ts";
import { replyTo } from "./reply.ts";
import { blocksOf, CountRequest, MessagesRequest, type Message, type Tool } from "./request.ts";
import { play, silence } from "./sse.ts";
import { beatsOf, brokenBeatsOf, finished, totalPause } from "./stream.ts";
import { inputTokens } from "./usage.ts";

/** What the model was sent, for whoever watches. */
export interface DemoRequest {
  readonly endpoint: "messages" | "count_tokens";
  readonly model: string;
  /** All of `system`, the CLI's own blocks included, joined by blank lines. */
  readonly system: string;
  readonly messages: readonly Message[];
  readonly tools: readonly Tool[];
  readonly headers: Headers;
  /** The body as it was parsed from JSON, nothing left out. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Surroundings {
  readonly clock: Clock;
  /** Opens one reply. Its controller aborts when the client leaves, when the server stops, and when the reply ends. */
  readonly open: (request: Request) => AbortController;
  readonly onRequest: (request: DemoRequest) => void;
}

/** An api key that the demo model does not take, so that a refused key can be tried. */
const INVALID_KEY = "invalid";

export async function answer(request: Request, around: Surroundings): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (keyOf(request) === INVALID_KEY) return refusal(failure(401, "authentication_error", "invalid x-api-key"));
  if (request.method === "GET" || request.method === "HEAD") return read(pathname);
  if (request.method === "POST" && pathname === "/v1/messages") return messages(request, around);
  if (request.method === "POST" && pathname === "/v1/messages/count_tokens") return countTokens(request, around);
  return notFound(pathname);
}

function read(pathname: string): Response {
  // The CLI knocks at both before it starts.
  if (pathname === "/" || pathname === "/api/hello") return json({ name: "demo model" });
  if (pathname === "/v1/models") return json(modelPage());
  const model = models.find(({ id }) => pathname === `/v1/models/${encodeURIComponent(id)}`);
  return model ? json(model) : notFound(pathname);
}

async function countTokens(request: Request, around: Surroundings): Promise<Response> {
  const parsed = await bodyOf(request, CountRequest);
  if ("problem" in parsed) return refusal(parsed.problem);
  around.onRequest(seen("count_tokens", request, parsed));
  return json({ input_tokens: inputTokens(parsed.value) });
}

async function messages(request: Request, around: Surroundings): Promise<Response> {
  const parsed = await bodyOf(request, MessagesRequest);
  if ("problem" in parsed) return refusal(parsed.problem);
  around.onRequest(seen("messages", request, parsed));
  const plan = replyTo(parsed.value);
  const streaming = parsed.value.stream === true;
  if (plan.kind === "failure") return refusal(plan);

  const over = around.open(request);
  if (plan.kind === "silence") return streaming ? sse(silence(over)) : nothing(over);

  const envelope = { model: parsed.value.model, inputTokens: inputTokens(parsed.value) };
  if (plan.kind === "broken" && !streaming) return brokenOff(plan, over);
  if (plan.kind === "broken") return sse(play(brokenBeatsOf(plan, envelope), around.clock, over));
  if (streaming) return sse(play(beatsOf(plan, envelope), around.clock, over));
  const pause = totalPause(plan);
  if (pause > 0) await around.clock.sleep(pause, over.signal);
  over.abort();
  return json(finished(plan, envelope));
}

/** Without a stream there is no half of an answer. */
function brokenOff({ failure: end }: BrokenPlan, over: AbortController): Response {
  over.abort();
  return refusal(end ?? failure(500, "api_error", "Demo model: the answer broke off."));
}

/** No answer at all; the promise settles only so that nothing is left behind when the client has gone. */
function nothing(over: AbortController): Promise<Response> {
  return new Promise((resolve) => {
    over.signal.addEventListener("abort", () => resolve(new Response(null, { status: 499 })), { once: true });
  });
}

type Parsed<T> = { value: T; body: Record<string, unknown> } | { problem: FailurePlan };

async function bodyOf<T>(request: Request, schema: z.ZodType<T>): Promise<Parsed<T>> {
  const body: unknown = await request.json().catch(() => undefined);
  if (body === undefined) return { problem: failure(400, "invalid_request_error", "The body is not valid JSON.") };
  const result = schema.safeParse(body);
  if (result.success) return { value: result.data, body: body as Record<string, unknown> };
  return { problem: failure(400, "invalid_request_error", prettifyError(result.error)) };
}

function seen(
  endpoint: DemoRequest["endpoint"],
  request: Request,
  { value, body }: { value: CountRequest; body: Record<string, unknown> },
): DemoRequest {
  const system = blocksOf(value.system).map((block) => block.text ?? "");
  return {
    endpoint,
    model: value.model,
    system: system.join("\n\n"),
    messages: value.messages,
    tools: value.tools ?? [],
    headers: request.headers,
    body,
  };
}

function keyOf(request: Request): string | undefined {
  return request.headers.get("x-api-key") ?? request.headers.get("authorization")?.replace(/^Bearer\s+/i, "");
}

const requestId = (): string => `req_${crypto.randomUUID().replaceAll("-", "")}`;

function json(value: object, init: { status?: number; headers?: Record<string, string> } = {}): Response {
  const id = init.headers?.["request-id"] ?? requestId();
  return Response.json(value, { ...init, headers: { ...init.headers, "request-id": id } });
}

function refusal(plan: FailurePlan): Response {
  const id = requestId();
  const retry = plan.retryAfterSeconds === undefined ? {} : { "retry-after": String(plan.retryAfterSeconds) };
  const error = { type: plan.type, message: plan.message };
  return json(
    { type: "error", error, request_id: id },
    { status: plan.status, headers: { ...retry, "request-id": id } },
  );
}

/** A surprise inside the demo model, told in the API's own shape. */
export function surprise(error: Error): Response {
  return refusal(failure(500, "api_error", `Demo model: ${error.message}`));
}

function notFound(pathname: string): Response {
  return refusal(failure(404, "not_found_error", `Not found: ${pathname}`));
}

function sse(body: ReadableStream<Uint8Array>): Response {
  return new Response(body, {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache",
      "x-accel-buffering": "no",
      "request-id": requestId(),
    },
  });
}
