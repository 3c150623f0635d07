// What the CLI makes of each failure of the Messages API, through both drivers: before the answer began and in its midst.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { findClaude } from "../claude-path.ts";
import { systemClock } from "../clock.ts";
import { SessionError } from "../errors.ts";
import type { SessionEvent } from "../events.ts";
import { Meter } from "../meter.ts";
import type { Driver } from "./driver.ts";
import { StreamDriver } from "./stream/index.ts";
import { World } from "./terminal/testing/world.ts";

// Many processes one after the other, on a machine that may have more to do.
setDefaultTimeout(180_000);

let world: World;
beforeAll(async () => {
  world = await World.create();
});
afterAll(() => world[Symbol.asyncDispose]());

const failures = [
  ["400", "invalid_request", "Demo model: scripted invalid request."],
  ["401", "not_logged_in", "Demo model: scripted authentication failure."],
  ["403", "not_permitted", "Demo model: scripted refusal of the account."],
  ["413", "request_too_large", "The request is too large for the model's API: send less, or fewer and smaller images and documents."],
  ["429", "rate_limited", /rate limit/],
  ["500", "api_error", "Demo model: scripted internal error."],
  ["504", "api_timeout", "Demo model: scripted timeout."],
  ["529", "overloaded", "Demo model: scripted overload."],
  ["too-long", "prompt_too_long", /^prompt is too long/],
] as const; // prettier-ignore

/** What the turn said, what that is known to have taken, and what it failed of. */
async function failureOf(driver: Driver, input: string) {
  const meter = new Meter();
  let said = "";
  try {
    for await (const event of driver.turn([{ type: "text", text: input }])) {
      meter.push(event);
      said += wordsOf(event);
    }
  } catch (error) {
    return { said, usage: meter.usage, error: error as SessionError };
  }
  throw new Error(`it did not fail, but said ${said}`);
}

const wordsOf = (event: SessionEvent): string =>
  event.type === "block_delta" && event.delta.type === "text" ? event.delta.text : "";

test("the stream driver hands on what was said, and then the failure by its name", async () => {
  const plan = world.plan({ driver: "stream" });
  const start = { plan, sessionId: crypto.randomUUID(), origin: { type: "new" as const }, onPrompts: () => {} };
  const driver = new StreamDriver(start, { env: world.env, claudePath: findClaude(undefined) }, systemClock);
  world.own(driver);
  for (const [name, kind, message] of failures) {
    const before = await failureOf(driver, `fail: ${name}`);
    expect(before.error).toMatchObject({ kind, message: expect.stringMatching(message) });
    expect([name, before.said, before.usage.inputTokens]).toEqual([name, "", 0]);

    const midway = await failureOf(driver, `fail: ${name} midway`);
    expect(midway.error).toMatchObject({ kind, message: expect.stringMatching(message) });
    expect([name, midway.said]).toEqual([name, "This answer breaks off in the middle of"]);
    expect(midway.usage.inputTokens).toBeGreaterThan(0);
    expect(midway.usage.outputTokens).toBeGreaterThan(1);
  }
  const lost = await failureOf(driver, "fail: lost");
  expect(lost).toMatchObject({ said: "This answer breaks off in the middle of", error: { kind: "api_error" } });
  expect(lost.error.message).not.toContain("127.0.0.1");
});

test("what a turn cost that was broken off is told when the CLI tells of it", async () => {
  const cost = Promise.withResolvers<number>();
  const background: unknown[] = [];
  const driver = new StreamDriver(
    {
      plan: world.plan({ driver: "stream" }),
      sessionId: crypto.randomUUID(),
      origin: { type: "new" },
      onPrompts: () => {},
      onLateCost: cost.resolve,
      onBackgroundTurn: (result) => background.push(result),
    },
    { env: world.env, claudePath: findClaude(undefined) },
    systemClock,
  );
  world.own(driver);
  for await (const { type } of driver.turn([{ type: "text", text: "slow: 2000" }])) if (type === "block_delta") break;
  driver.abandonTurn(new SessionError("aborted", "It was enough."));
  await driver.interrupt();
  expect(await cost.promise).toBeGreaterThan(0);
  // It is no turn of the CLI's own.
  expect(background).toEqual([]);
});

test("the terminal driver, which has an answer in whole or not at all, names it all the same", async () => {
  const { driver } = world.start();
  for (const [input, kind] of [
    ["fail: 401", "not_logged_in"],
    ["fail: 413", "request_too_large"],
    ["fail: 504", "api_timeout"],
    ["fail: too-long", "prompt_too_long"],
    ["fail: 403 midway", "not_permitted"],
    ["fail: lost", "api_error"],
  ] as const) {
    const failed = await failureOf(driver, input);
    expect([input, failed.said, failed.error.kind]).toEqual([input, "", kind]);
  }
});
