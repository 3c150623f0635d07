import { describe, expect, test } from "bun:test";
import type { DashboardEvent } from "@lodge/shared";
import { type Clock, type Connection, followLiveEvents } from "./live-events.ts";
import { session } from "./test-session.ts";

/** A clock that stands still until told otherwise. */
function manualClock(): Clock & { pass(ms: number): Promise<void> } {
  let now = 1_000_000;
  const timers = new Set<{ at: number; action: () => void }>();
  return {
    now: () => now,
    after(ms, action) {
      const timer = { at: now + ms, action };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    async pass(ms) {
      now += ms;
      for (const timer of timers) {
        if (timer.at > now) continue;
        timers.delete(timer);
        timer.action();
      }
      await settle();
    },
  };
}

/** Lets everything that is ready to run, run: streams take several turns of the event loop. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
}

function follow(status = 200) {
  const clock = manualClock();
  const connections: Connection[] = [];
  const shown: { titles: string[]; isSnapshot: boolean }[] = [];
  const opened: ReadableStreamDefaultController<Uint8Array>[] = [];
  const state = { jobs: 0, unauthorized: 0, status, type: "text/event-stream; charset=utf-8" };
  const live = followLiveEvents({
    clock,
    random: () => 1,
    async open(signal) {
      let body!: ReadableStreamDefaultController<Uint8Array>;
      const stream = new ReadableStream<Uint8Array>({ start: (controller) => void (body = controller) });
      signal.addEventListener("abort", () => body.error(signal.reason));
      opened.push(body);
      return new Response(stream, { status: state.status, headers: { "content-type": state.type } });
    },
    onConnection: (connection) => connections.push(connection),
    onSessions: (sessions, isSnapshot) => shown.push({ titles: sessions.map(({ title }) => title), isSnapshot }),
    onJobs: () => state.jobs++,
    onUnauthorized: () => state.unauthorized++,
  });
  const raw = async (text: string) => {
    opened.at(-1)?.enqueue(new TextEncoder().encode(text));
    await settle();
  };
  const send = (...events: DashboardEvent[]) =>
    raw(events.map((event) => `id: ${event.sequence}\ndata: ${JSON.stringify(event)}\n\n`).join(""));
  return { clock, connections, shown, opened, state, live, send, raw };
}

const snapshot = (sequence: number, ...titles: string[]): DashboardEvent => ({
  type: "snapshot",
  sequence,
  sessions: titles.map((title) => session({ title })),
});
const added = (sequence: number, title: string): DashboardEvent => ({
  type: "session",
  sequence,
  session: session({ title }),
});

describe("followLiveEvents", () => {
  test("shows the snapshot, then changes, those of one piece together", async () => {
    const { shown, connections, send, live } = follow();
    await send(snapshot(7, "a"));
    await send(added(8, "b"), added(9, "c"));
    expect(shown).toEqual([
      { titles: ["a"], isSnapshot: true },
      { titles: ["c", "b", "a"], isSnapshot: false },
    ]);
    expect(connections).toEqual([{ status: "connecting" }, { status: "live" }]);
    live.stop();
  });

  test("jobs are told of once for a piece, and the sessions not again", async () => {
    const { shown, state, send, live } = follow();
    await send(snapshot(7, "a"));
    await send({ type: "jobs", sequence: 8 }, { type: "jobs", sequence: 9 });
    expect(state.jobs).toBe(1);
    expect(shown).toHaveLength(1);
    await send(added(10, "b"));
    expect(shown.at(-1)).toEqual({ titles: ["b", "a"], isSnapshot: false });
    live.stop();
  });

  test("opens the stream again after a gap", async () => {
    const { shown, opened, send, clock, live } = follow();
    await send(snapshot(7, "a"));
    await send(added(9, "c"));
    expect(opened).toHaveLength(1);
    await clock.pass(500);
    expect(opened).toHaveLength(2);
    await send(snapshot(9, "a", "b", "c"));
    expect(shown.at(-1)).toEqual({ titles: ["a", "b", "c"], isSnapshot: true });
    live.stop();
  });

  test("waits longer each time, remembers since when, and starts over after a stream that lasted", async () => {
    const { connections, opened, send, clock, live, state } = follow();
    await send(snapshot(1));
    await clock.pass(6000);
    const since = clock.now();
    state.status = 502;
    opened.at(-1)?.close();
    await settle();
    expect(connections.at(-1)).toEqual({ status: "reconnecting", since, retryAt: since + 500, failure: "unreachable" });
    await clock.pass(500);
    expect(connections.at(-1)).toEqual({ status: "reconnecting", since, retryAt: since + 1500, failure: "refused" });
    state.status = 200;
    await clock.pass(1000);
    await send(snapshot(1));
    expect(connections.at(-1)).toEqual({ status: "live" });
    opened.at(-1)?.close();
    await settle();
    expect(connections.at(-1)).toMatchObject({ retryAt: clock.now() + 2000 });
    live.stop();
  });

  test("takes a line without heartbeats for dead", async () => {
    const { connections, send, raw, clock, live } = follow();
    await send(snapshot(1));
    await clock.pass(20_000);
    await raw(": keep-alive\n\n");
    await clock.pass(20_000);
    expect(connections.at(-1)).toEqual({ status: "live" });
    await clock.pass(5000);
    expect(connections.at(-1)).toMatchObject({ status: "reconnecting", failure: "unreachable" });
    live.stop();
  });

  test("stops for good when the login is no longer good", async () => {
    const { state, opened, clock } = follow(401);
    await settle();
    expect(state.unauthorized).toBe(1);
    await clock.pass(60_000);
    expect(opened).toHaveLength(1);
  });

  test.each(['data: {"type":"new"}\n\n', "data: <html>\n\n"])("tells %j apart from a lost line", async (text) => {
    const { connections, raw, live } = follow();
    await raw(text);
    expect(connections.at(-1)).toMatchObject({ status: "reconnecting", failure: "protocol" });
    live.stop();
  });

  test("retryNow does not wait", async () => {
    const { opened, live } = follow();
    await settle();
    opened.at(-1)?.close();
    await settle();
    live.retryNow();
    await settle();
    expect(opened).toHaveLength(2);
    live.stop();
  });
});
