// One conversation through both drivers: what they say differs in how finely it is cut, and in nothing else.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { findClaude } from "../../claude-path.ts";
import { systemClock } from "../../clock.ts";
import type { SessionEvent } from "../../events.ts";
import type { Driver } from "../driver.ts";
import { StreamDriver } from "../stream/index.ts";
import { say, World } from "./testing/world.ts";

setDefaultTimeout(60_000);

let world: World;
beforeAll(async () => {
  world = await World.create();
});
afterAll(() => world[Symbol.asyncDispose]());

/** What both must agree on: ids, times and costs aside, and what the CLI itself tells the model in either mode. */
function essence(events: readonly SessionEvent[]): unknown[] {
  const merged: unknown[] = [];
  let delta: { index: number; type: string; words: string } | undefined;
  for (const event of events) {
    if (event.type === "block_delta") {
      const { type, ...rest } = event.delta;
      const words = Object.values(rest)[0] as string;
      if (delta?.index === event.index && delta.type === type) delta.words += words;
      else merged.push((delta = { index: event.index, type, words }));
      continue;
    }
    delta = undefined;
    switch (event.type) {
      case "message_stop":
        merged.push([event.type, event.stopReason, event.stopSequence, event.usage.outputTokens]);
        break;
      case "tool_result":
        merged.push([event.type, event.result.content, event.result.is_error]);
        break;
      case "result":
        // What the CLI says of a refusal to a person at a terminal is not the model's.
        merged.push([
          event.type,
          event.stopReason,
          event.stopReason === "refusal" ? "" : event.text,
          event.usage.outputTokens,
        ]);
        break;
      case "block_start":
        merged.push([event.type, event.index, event.block.type]);
        break;
      case "assistant":
        merged.push([event.type, event.content.map(({ type }) => type)]);
        break;
      case "started":
      case "message_start":
        merged.push([event.type, event.model]);
        break;
      case "block_stop":
      case "calls_held":
      case "retry":
        merged.push([event.type]);
        break;
    }
  }
  return merged;
}

const conversation = [
  "echo: hi",
  "think: about\nthis",
  'tool: Bash {"command":"echo out","description":"d"}',
  'tool: Bash {"command":"echo a","description":"d"}\ntool: Bash {"command":"exit 3","description":"d"}',
  "refuse",
  "fail: 529",
  "turns",
];

test("the same conversation gives the same events", async () => {
  const request = { mode: "agent", systemPrompt: "Be the demo.", permissionMode: "bypassPermissions" } as const;
  const terminal = world.start(request);
  const stream = new StreamDriver(
    {
      plan: world.plan({ ...request, driver: "stream" }),
      sessionId: crypto.randomUUID(),
      origin: { type: "new" },
      onPrompts: () => {},
    },
    { env: world.env, claudePath: findClaude(undefined) },
    systemClock,
  );
  world.own(stream);
  const saidBy = (driver: Driver, input: string) =>
    say(driver, input).then(essence, (error: { kind: string; message: string }) => [error.kind, error.message]);
  for (const input of conversation) {
    expect([input, await saidBy(terminal.driver, input)]).toEqual([input, await saidBy(stream, input)]);
  }
});
