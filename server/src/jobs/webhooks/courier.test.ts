/** Webhooks: signed as their receivers check it, tried again with longer pauses, given up in the end, never lost. */
import { describe, expect, test } from "bun:test";
import { OutgoingError } from "../../net/errors.ts";
import type { OutgoingRequest } from "../../net/outgoing.ts";
import { openDatabase } from "../../store/database.ts";
import { DeliveryStore } from "../../store/delivery-store.ts";
import { JobStore } from "../../store/job-store.ts";
import { ManualClock, settled } from "../testing/manual-clock.ts";
import { Courier } from "./courier.ts";
import { signedHeaders } from "./signature.ts";

test("the signature is that of the standard's own example", () => {
  const headers = signedHeaders("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", {
    id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
    seconds: 1614265330,
    body: '{"test": 2432232314}',
  });
  expect(headers).toEqual({
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  });
});

type Answer = number | Error | Promise<number>;

/** @param answer to the attempts in their order; the last one stands for all that follow */
function setUp(...answer: Answer[]) {
  const database = openDatabase(":memory:");
  const jobs = new JobStore(database);
  const store = new DeliveryStore(database);
  const clock = new ManualClock();
  const sent: OutgoingRequest[] = [];
  const failures: unknown[] = [];
  const start = () =>
    new Courier({
      store,
      clock,
      secret: "secret",
      send: async (request) => {
        const next = answer[Math.min(sent.length, answer.length - 1)]!;
        sent.push(request);
        const status = await next;
        if (status instanceof Error) throw status;
        return { status };
      },
      bodyOf: (job) => (jobs.bySeq(job) ? `{"job":${job}}` : null),
      onFailure: (error) => failures.push(error),
    });
  const add = () => {
    const { seq } = jobs.add({
      id: crypto.randomUUID(),
      kind: "job",
      state: "running",
      workspace: "",
      title: "",
      spec: "{}",
      metadata: null,
      callbackUrl: "https://example.com/",
      requeue: false,
      createdAt: 0,
      owner: null,
    });
    store.add(seq, "https://example.com/hook", clock.now());
    return seq;
  };
  return { start, add, store, clock, sent, failures, database };
}

describe("a webhook", () => {
  test("that is taken is sent once", async () => {
    const { start, add, store, clock, sent } = setUp(200);
    await using courier = start();
    const job = add();
    courier.wake();
    await clock.advance(24 * 3600_000);
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({ url: "https://example.com/hook", method: "POST", body: `{"job":${job}}` });
    expect(store.ofJob(job)).toMatchObject({ state: "delivered", attempts: 1, error: null });
    expect(clock.timers).toBe(0);
  });

  test("that is not taken is sent again after longer and longer pauses, under the same id, and then given up", async () => {
    const { start, add, store, clock, sent, failures } = setUp(503);
    await using courier = start();
    const job = add();
    courier.wake();
    const pauses: number[] = [];
    for (;;) {
      await settled();
      if (clock.next === null) break;
      pauses.push(clock.next / 1000);
      await clock.advance(clock.next);
    }
    // The last wait is longer than a timer is set for.
    expect(pauses).toEqual([5, 30, 120, 600, 1800, 3600, 3600, 3600, 3600, 3600]);
    expect(sent).toHaveLength(8);
    expect(new Set(sent.map(({ headers }) => headers?.["webhook-id"])).size).toBe(1);
    expect(new Set(sent.map(({ headers }) => headers?.["webhook-timestamp"])).size).toBe(8);
    expect(store.ofJob(job)).toMatchObject({ state: "failed", attempts: 8, error: "the receiver answered 503" });
    expect(failures).toHaveLength(1);
  });

  test.each<[Answer, string]>([
    [410, "the receiver answered 410"],
    [new OutgoingError("refused", "not public"), "not public"],
    [new OutgoingError("invalid", "no URL"), "no URL"],
  ])("is given up at once, for a reason that stays: %#", async (answer, error) => {
    const { start, add, store, clock, sent } = setUp(answer);
    await using courier = start();
    const job = add();
    courier.wake();
    await clock.advance(24 * 3600_000);
    expect(sent).toHaveLength(1);
    expect(store.ofJob(job)).toMatchObject({ state: "failed", error });
  });

  test.each<[Answer]>([[302], [404], [500], [new OutgoingError("timeout", "late")], [new Error("a bug")]])(
    "is tried again after what may pass: %#",
    async (answer) => {
      const { start, add, store, clock } = setUp(answer, 204);
      await using courier = start();
      const job = add();
      courier.wake();
      await clock.advance(6000);
      expect(store.ofJob(job)).toMatchObject({ state: "delivered", attempts: 2 });
    },
  );

  test("outlives the server: what was under way or waited is sent by the next one", async () => {
    const never = new Promise<number>(() => {});
    const { start, add, store, clock, sent } = setUp(500, never, 200);
    const [first, second] = [add(), add()];
    {
      // Ends although the second is still under way: its receiver would be told to stop.
      const courier = start();
      courier.wake();
      await settled();
      expect(sent).toHaveLength(2);
      void courier[Symbol.asyncDispose]();
    }
    await using courier = start();
    courier.wake();
    await clock.advance(6000);
    expect(store.ofJob(first)?.state).toBe("delivered");
    expect(store.ofJob(second)?.state).toBe("delivered");
  });
});

test("only a few are under way at a time, and all come to their turn", async () => {
  const gates = Array.from({ length: 20 }, () => Promise.withResolvers<number>());
  const { start, add, clock, sent, store } = setUp(...gates.map(({ promise }) => promise));
  await using courier = start();
  const jobs = Array.from({ length: 20 }, add);
  courier.wake();
  courier.wake();
  await settled();
  expect(sent).toHaveLength(4);
  for (const gate of gates) {
    gate.resolve(200);
    await settled();
  }
  await clock.advance(0);
  expect(jobs.every((job) => store.ofJob(job)?.state === "delivered")).toBe(true);
  expect(sent).toHaveLength(20);
});

test("a database that fails is reported and not asked in a circle", async () => {
  const { start, add, database, failures, clock, sent } = setUp(200);
  await using courier = start();
  add();
  courier.wake();
  database.run("DROP TABLE deliveries");
  await settled();
  expect(failures).toHaveLength(1);
  expect(sent).toHaveLength(1);
  expect(clock.timers).toBe(1);
});
