/** Every failure of a turn to clients of every family, before their reply began and in the midst of it: over scripted turns. */
import { afterAll, describe, expect, test } from "bun:test";
import { Elysia } from "elysia";
import { root } from "../../auth/caller.ts";
import { ApiError } from "../../http/errors.ts";
import { errorResponse, familyOf } from "../../http/families.ts";
import { contextOf } from "../../http/request-context.ts";
import { fromSessionError } from "../../http/session-errors.ts";
import {
  type Message,
  noUsage,
  SessionError,
  type SessionErrorKind,
  type SessionEvent,
  type SessionManager,
} from "../../sessions/index.ts";
import { openDatabase } from "../../store/database.ts";
import type { Workspaces } from "../../workspaces/workspaces.ts";
import { anthropic } from "../anthropic/index.ts";
import { openai } from "../openai/index.ts";
import { responses } from "../openai/responses/index.ts";
import { Responses } from "../openai/responses/responses.ts";
import type { Media } from "./media/media.ts";
import type { TurnServices } from "./turns.ts";

const said = "What was said.";

const beginning: SessionEvent[] = [
  { type: "message_start", id: "msg_1", model: "m", usage: noUsage },
  { type: "block_start", index: 0, block: { type: "text" } },
  { type: "block_delta", index: 0, delta: { type: "text", text: said } },
];

/** A session whose every turn fails as its message says: `KIND` or `KIND midway`. */
async function start({ messages }: { messages: { content: { text: string }[] }[] }) {
  const [kind, midway] = messages[0]!.content[0]!.text.split(" ");
  async function* events(): AsyncGenerator<SessionEvent> {
    if (midway !== undefined) yield* beginning;
    throw new SessionError(kind as SessionErrorKind, "Something is wrong.");
  }
  return { sessionId: "s", source: "cold", model: "m", events: events(), cut: () => Promise.resolve(noUsage) };
}

const turns: TurnServices = {
  sessions: { processInfo: null, waiting: 0, start } as unknown as SessionManager,
  workspaces: { resolve: () => Promise.resolve("/"), nameOf: () => "" } as unknown as Workspaces,
  media: { ofInput: async (messages: readonly Message[]) => [...messages] } as unknown as Media,
  defaultMode: "model",
  settings: () => ({ model: null, mode: null, hint: null, mcpServers: null }),
};

const database = openDatabase(":memory:");
const onFailure = (error: unknown) => {
  throw error;
};
const service = new Responses({ database, turns, queueLimit: 1, keepMs: 1000, onFailure });
afterAll(() => service[Symbol.asyncDispose]());

const app = new Elysia()
  .onRequest(({ request }) => {
    contextOf(request).caller = root;
  })
  .onError(({ error, request }) => {
    const failure = error instanceof SessionError ? fromSessionError(error) : error;
    if (!(failure instanceof ApiError)) return undefined;
    return errorResponse(familyOf(new URL(request.url).pathname, request.headers), failure, contextOf(request).id);
  })
  .use(anthropic(turns))
  .use(openai(turns))
  .use(responses(service));

const post = (path: string, body: object): Promise<Response> =>
  app.handle(
    new Request(`http://localhost${path}`, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
    }),
  );

const user = (content: string) => ({ model: "haiku", messages: [{ role: "user", content }] });

interface Names {
  status: number;
  type: string;
  code?: string;
}

const families = {
  chat: {
    ask: (text: string, stream: boolean) => post("/v1/chat/completions", { ...user(text), stream }),
    expect: (body: unknown, { type, code }: Names) =>
      expect(body).toEqual({ error: { message: "Something is wrong.", type, param: null, code } } as object),
    end: (frames: string[], names: Names) => {
      expect(frames.join("")).toContain(`"content":"${said}"`);
      expect(frames.join("")).not.toContain("[DONE]");
      families.chat.expect(JSON.parse(frames.at(-1)!.replace(/^data: /, "")), names);
    },
  },
  messages: {
    ask: (text: string, stream: boolean) => post("/v1/messages", { ...user(text), max_tokens: 100, stream }),
    expect: (body: unknown, { type }: Names) =>
      expect(body).toMatchObject({ type: "error", error: { type, message: "Something is wrong." } }),
    end: (frames: string[], names: Names) => {
      expect(frames.join("")).toContain(`"text":"${said}"`);
      expect(frames.join("")).not.toContain("message_stop");
      const [event, data] = frames.at(-1)!.split("\n");
      expect(event).toBe("event: error");
      families.messages.expect(JSON.parse(data!.replace(/^data: /, "")), names);
    },
  },
  responses: {
    ask: (text: string, stream: boolean) => post("/v1/responses", { model: "haiku", input: text, stream }),
    expect: (body: unknown, names: Names) => families.chat.expect(body, names),
    end: (frames: string[], { code }: Names) => {
      expect(frames.join("")).toContain(`"delta":"${said}"`);
      const events = frames.map((frame) => JSON.parse(frame.split("\n")[1]!.replace(/^data: /, "")) as Numbered);
      expect(events.map(({ sequence_number: number }) => number)).toEqual(events.map((_, index) => index));
      const known = ["rate_limit_exceeded", "context_length_exceeded"].find((word) => word === code);
      const error = { code: code === "invalid_request" ? "invalid_prompt" : (known ?? "server_error") };
      expect(events.at(-1)).toMatchObject({
        type: "response.failed",
        response: { status: "failed", error: code === "request_too_large" ? { code: "invalid_prompt" } : error },
      });
    },
  },
};

interface Numbered {
  sequence_number: number;
}

/** Of Anthropic's name, and of OpenAI's name and code. */
const failures: [SessionErrorKind, number, string, string, string][] = [
  ["invalid_request", 400, "invalid_request_error", "invalid_request_error", "invalid_request"],
  ["prompt_too_long", 400, "invalid_request_error", "invalid_request_error", "context_length_exceeded"],
  ["not_logged_in", 401, "authentication_error", "authentication_error", "not_logged_in"],
  ["not_permitted", 403, "permission_error", "permission_error", "not_permitted"],
  ["request_too_large", 413, "request_too_large", "invalid_request_error", "request_too_large"],
  ["rate_limited", 429, "rate_limit_error", "rate_limit_error", "rate_limit_exceeded"],
  ["api_error", 500, "api_error", "server_error", "api_error"],
  ["api_timeout", 504, "timeout_error", "timeout_error", "api_timeout"],
  ["overloaded", 529, "overloaded_error", "server_error", "overloaded"],
];

describe.each(["chat", "messages", "responses"] as const)("%s", (name) => {
  const family = families[name];
  describe.each(failures)("%s", (kind, status, anthropicType, openaiType, code) => {
    const names = { status, type: name === "messages" ? anthropicType : openaiType, code };

    test.each([false, true])("has its status before the reply began, streamed: %p", async (stream) => {
      const response = await family.ask(kind, stream);
      expect(response.status).toBe(status);
      const mayComeAgain = kind === "rate_limited" || kind === "overloaded";
      expect(response.headers.has("retry-after")).toBe(mayComeAgain);
      family.expect(await response.json(), names);
    });

    test("has its status whatever was said, where nothing is streamed", async () => {
      const response = await family.ask(`${kind} midway`, false);
      expect(response.status).toBe(status);
      family.expect(await response.json(), names);
    });

    test("comes after what was said, where it is streamed, and ends the stream", async () => {
      const response = await family.ask(`${kind} midway`, true);
      expect(response.status).toBe(200);
      const frames = (await response.text()).split("\n\n").filter((frame) => frame !== "");
      family.end(frames, names);
    });
  });
});
