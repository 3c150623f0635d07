// What is kept for a client whose line broke: the rest of its own stream, in order, and never more than so much.
import { expect, test } from "bun:test";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import { RecentEvents } from "./events.ts";

const message = (text: string): JSONRPCMessage => ({ jsonrpc: "2.0", method: "told", params: { text } });

async function after(events: RecentEvents, id: string): Promise<string[]> {
  const texts: string[] = [];
  await events.replayEventsAfter(id, {
    send: async (_, sent) => {
      if ("params" in sent) texts.push(String(sent.params?.["text"]));
    },
  });
  return texts;
}

test("the rest of a stream comes without what other streams said meanwhile", async () => {
  const events = new RecentEvents();
  const first = await events.storeEvent("one", message("1"));
  await events.storeEvent("other", message("x"));
  const second = await events.storeEvent("one", message("2"));
  await events.storeEvent("one", message("3"));
  expect(await after(events, first)).toEqual(["2", "3"]);
  expect(await after(events, second)).toEqual(["3"]);
  expect(await events.getStreamIdForEventId(first)).toBe("one");
});

test("what is not kept any more is no stream's, and what followed it is not told as if it were all", async () => {
  const events = new RecentEvents();
  const ids: string[] = [];
  for (let k = 0; k < 2001; k++) ids.push(await events.storeEvent("one", message(`${k}`)));
  expect(await events.getStreamIdForEventId(ids[0]!)).toBeUndefined();
  expect(after(events, ids[0]!)).rejects.toThrow("not kept");
  expect(await after(events, ids[1]!)).toHaveLength(1999);
});

test("large messages make room for each other; the latest always stays", async () => {
  const events = new RecentEvents();
  const ids: string[] = [];
  for (let k = 0; k < 10; k++) ids.push(await events.storeEvent("one", message("x".repeat(1024 * 1024))));
  const kept = await Promise.all(ids.map((id) => events.getStreamIdForEventId(id)));
  expect(kept.filter((stream) => stream !== undefined)).toHaveLength(3);
  const last = await events.storeEvent("one", message("y".repeat(10 * 1024 * 1024)));
  expect(await events.getStreamIdForEventId(last)).toBe("one");
  expect(await events.getStreamIdForEventId(ids.at(-1)!)).toBeUndefined();
});
