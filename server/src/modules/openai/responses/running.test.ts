/** Responses under way, over turns that do as the test says: what is kept of each end, and who hears of it. */
import { describe, expect, test } from "bun:test";
import type { ResponseStreamEvent } from "openai/resources/responses/responses";
import { root } from "../../../auth/caller.ts";
import { ApiError } from "../../../http/errors.ts";
import { contextOf } from "../../../http/request-context.ts";
import { ManualClock, settled } from "../../../jobs/testing/manual-clock.ts";
import { Channel, type ReplyEvent, SessionError } from "../../../sessions/index.ts";
import { openDatabase } from "../../../store/database.ts";
import { ResponseStore } from "../../../store/response-store.ts";
import type { OpenReply, TurnServices } from "../../turns/turns.ts";
import { Background } from "./background.ts";
import { ResponseBuilder } from "./builder.ts";
import { Foreground } from "./foreground.ts";
import type { Item } from "./items.ts";
import { responsesRequest } from "./model.ts";
import { Recording } from "./recording.ts";
import { newHead } from "./response.ts";
import { Responses } from "./responses.ts";

const usage = { inputTokens: 1, outputTokens: 1, cacheReadTokens: 0, cacheCreationTokens: 0 };
const begin: ReplyEvent[] = [
  { type: "start", id: "msg_1", model: "claude-x", usage },
  { type: "block_start", index: 0, block: { type: "text" } },
];
const word = (text: string): ReplyEvent => ({ type: "block_delta", index: 0, delta: { type: "text", text } });
const end: ReplyEvent[] = [
  { type: "block_stop", index: 0 },
  { type: "stop", stopReason: "end_turn", stopSequence: null, usage },
];

function setUp({ background = false } = {}) {
  const database = openDatabase(":memory:");
  const store = new ResponseStore(database);
  const clock = new ManualClock();
  const failures: unknown[] = [];
  const onFailure = (error: unknown) => void failures.push(error);
  const builder = new ResponseBuilder({
    head: newHead(responsesRequest.parse({ input: "hi", background }), clock.now()),
    names: new Map(),
    include: new Set(),
    summary: false,
    now: () => clock.now(),
  });
  const input: Item[] = [
    { type: "message", role: "user", content: [{ type: "input_text", text: "hi" }], id: "msg_in" },
  ];
  const recording = new Recording({
    store,
    builder,
    input,
    owner: null,
    events: background,
    now: () => clock.now(),
    onFailure,
  });
  const { id } = builder.head;
  /** As it is kept. */
  const kept = () => {
    const record = store.get(id)!;
    const output = store
      .items(record.seq, "output")
      .map(({ data }) => JSON.parse(data) as { content: { text: string }[] });
    const { error } = JSON.parse(record.head) as { error: { code: string; message: string } | null };
    return { status: record.status, text: output.map(({ content }) => content[0]!.text).join(""), error };
  };
  const turn = new Channel<ReplyEvent>(100);
  const say = async (...events: ReplyEvent[]) => {
    for (const event of events) await turn.push(event);
    await settled();
  };
  return { database, store, clock, failures, onFailure, builder, recording, id, kept, turn, say };
}

describe("one that its client waits for", () => {
  function open() {
    const parts = setUp();
    const leaving = new AbortController();
    const foreground = new Foreground({ ...parts, signal: leaving.signal });
    const events: ResponseStreamEvent[] = [];
    const reading = foreground.events({ events: parts.turn });
    const read = async () => {
      for await (const event of reading) events.push(event);
    };
    return { ...parts, leaving, foreground, reading, read, events };
  }

  test("is kept from its beginning, and at its end before its client hears of it", async () => {
    const { say, read, kept, turn, reading, store, id } = open();
    await say(...begin, word("all "), word("of it"), ...end);
    turn.close();
    expect(store.get(id)).toBeNull();
    await reading.next();
    expect(kept().status).toBe("in_progress");
    await read();
    expect(kept()).toEqual({ status: "completed", text: "all of it", error: null });
  });

  test("that fails midway says so as its last event, and is kept so with what was said", async () => {
    const { say, read, kept, turn, events, foreground } = open();
    await say(...begin, word("half"));
    turn.fail(new SessionError("overloaded", "Too much to do."));
    await read();
    expect(events.at(-1)).toMatchObject({
      type: "response.failed",
      response: { error: { code: "server_error", message: "Too much to do." } },
    });
    expect(kept()).toMatchObject({ status: "failed", text: "half", error: { message: "Too much to do." } });
    expect(foreground.failure?.kind).toBe("overloaded");
  });

  test("whose client goes away is cancelled", async () => {
    const { say, read, kept, turn, leaving, events } = open();
    await say(...begin, word("half"));
    const over = read();
    await settled();
    leaving.abort();
    turn.fail(new SessionError("aborted", "The client went away."));
    await over;
    expect(kept()).toEqual({ status: "cancelled", text: "half", error: null });
    expect(events.at(-1)).toMatchObject({ type: "response.incomplete", response: { status: "cancelled" } });
  });

  test("whose reader stops is cancelled", async () => {
    const { say, kept, reading } = open();
    await say(...begin, word("half"));
    for await (const { type } of reading) if (type === "response.output_text.delta") break;
    expect(kept()).toEqual({ status: "cancelled", text: "half", error: null });
  });

  test("that ends without a result has failed", async () => {
    const { say, read, kept, turn } = open();
    await say(...begin);
    turn.close();
    await read();
    expect(kept().status).toBe("failed");
  });

  test("that fails before it began, and its client could not be told otherwise, is kept as failed", () => {
    const { foreground, kept } = open();
    const events = foreground.fail(new ApiError("unavailable", "The server is shutting down."));
    expect(events.map(({ type }) => type)).toEqual(["response.created", "response.failed"]);
    expect(kept()).toMatchObject({ status: "failed", text: "", error: { message: "The server is shutting down." } });
  });

  test("goes on when it cannot be kept", async () => {
    const { say, read, turn, database, failures, events } = open();
    database.close();
    await say(...begin, word("all"), ...end);
    turn.close();
    await read();
    expect(events.at(-1)?.type).toBe("response.completed");
    expect(failures.length).toBeGreaterThan(0);
  });
});

describe("one in the background", () => {
  function start() {
    const parts = setUp({ background: true });
    const background = new Background(parts);
    let signal: AbortSignal | undefined;
    const opening = Promise.withResolvers<void>();
    background.start(parts.builder, parts.recording, async (given) => {
      signal = given;
      given.addEventListener("abort", () => {
        const gone = new SessionError("aborted", "The client went away.");
        opening.reject(gone);
        parts.turn.fail(gone);
      });
      await opening.promise;
      return { events: parts.turn as AsyncIterable<ReplyEvent> } as OpenReply;
    });
    const follow = (after = -1, leaving = new AbortController().signal) =>
      Array.fromAsync(background.follow(parts.store.get(parts.id)!, after, leaving));
    return { ...parts, background, open: opening, follow, signal: () => signal };
  }

  test("waits, begins, and ends, with its words gathered", async () => {
    const { kept, open, say, clock, turn, follow } = start();
    expect(kept().status).toBe("queued");
    const live = follow();
    open.resolve();
    await say(...begin, word("a "), word("b "));
    await clock.advance(100);
    expect(kept().status).toBe("in_progress");
    await say(word("c"), ...end);
    turn.close();
    await settled();
    expect(kept()).toEqual({ status: "completed", text: "a b c", error: null });
    const events = await live;
    expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index));
    expect(
      events.map(({ data }) => JSON.parse(data) as { delta?: string }).flatMap(({ delta }) => delta ?? []),
    ).toEqual(["a b ", "c"]);
    expect(await follow(events.at(-3)!.id)).toEqual(events.slice(-2));
    expect(await follow(1000)).toEqual([]);
  });

  test("is cancelled while it waits and while it runs", async () => {
    const waiting = start();
    await Promise.all([waiting.background.cancel(waiting.id), waiting.background.cancel(waiting.id)]);
    expect(waiting.kept()).toEqual({ status: "cancelled", text: "", error: null });
    const running = start();
    running.open.resolve();
    await running.say(...begin, word("half"));
    await running.background.cancel(running.id);
    expect(running.kept()).toEqual({ status: "cancelled", text: "half", error: null });
    expect((await running.follow()).at(-1)?.type).toBe("response.incomplete");
  });

  test("has a while to finish when the server stops, and then has failed", async () => {
    const { background, clock, kept, open, say, follow } = start();
    open.resolve();
    await say(...begin, word("half"));
    const live = follow();
    const drained = background.drain(5000);
    await clock.advance(4999);
    expect(kept().status).toBe("in_progress");
    await clock.advance(1);
    await drained;
    expect(kept()).toMatchObject({ status: "failed", text: "half", error: { code: "server_error" } });
    expect((await live).at(-1)?.type).toBe("response.failed");
    expect(() => background.requireRoom()).toThrow("shutting down");
  });

  test("that follows no more is let go", async () => {
    const { follow, background, id } = start();
    const leaving = new AbortController();
    const live = follow(-1, leaving.signal);
    await settled();
    leaving.abort();
    expect((await live).map(({ type }) => type)).toEqual(["response.created", "response.queued"]);
    await background.cancel(id);
  });

  test("that a server before this one left behind has failed, and its stream has an end", async () => {
    const { database, kept, id, clock, onFailure, store } = start();
    await settled();
    await using responses = new Responses({
      database,
      clock,
      onFailure,
      keepMs: 1000,
      queueLimit: 1,
      turns: {} as TurnServices,
    });
    responses.begin();
    expect(kept()).toMatchObject({ status: "failed", error: { message: expect.stringContaining("restarted") } });
    const record = store.get(id)!;
    const events = await Array.fromAsync(responses.follow(record, 1, new AbortController().signal));
    expect(events.map((event) => [event.id, event.type])).toEqual([[2, "response.failed"]]);
    // Those whose beginning is gone cannot be followed from there.
    store.forgetEvents(record.seq, 1);
    expect(() => responses.follow(record, 0, new AbortController().signal)).toThrow("starting_after");
    // It is forgotten in time.
    await clock.advance(20 * 60_000);
    expect(store.get(id)).toBeNull();
  });

  test("is refused when as many turns wait as may", async () => {
    const { database, onFailure, store } = setUp();
    await using responses = new Responses({
      database,
      onFailure,
      keepMs: 1000,
      queueLimit: 3,
      turns: { sessions: { waiting: 3, processInfo: null } } as unknown as TurnServices,
    });
    const body = responsesRequest.parse({ input: "hi", background: true });
    const request = new Request("http://localhost/v1/responses");
    contextOf(request).caller = root;
    const created = responses.create(body, request);
    expect(await kindOf(responses.inBackground(created))).toBe("queue_full");
    expect(store.get(created.builder.head.id)).toBeNull();
  });
});

const kindOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "fine",
    (error: { kind?: string }) => error.kind ?? "thrown",
  );
