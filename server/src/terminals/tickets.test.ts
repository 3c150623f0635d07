// A ticket is good once, for one session, for a moment.
import { expect, test } from "bun:test";
import { terminalLimits } from "@lodge/shared";
import { Tickets } from "./tickets.ts";

const admission = { sessionId: "one", role: "viewer", name: undefined, owner: null } as const;

test("it admits once, to its session and in its role", () => {
  const tickets = new Tickets();
  const { ticket } = tickets.issue(admission)!;
  expect(tickets.redeem(ticket, "another")).toBeNull();
  expect(tickets.redeem(ticket, "one")).toMatchObject({ role: "viewer" });
  expect(tickets.redeem(ticket, "one")).toBeNull();
});

test("it is worth nothing when the key is revoked that it was issued to", () => {
  const tickets = new Tickets();
  const { ticket } = tickets.issue({ ...admission, owner: "key_1" })!;
  const { ticket: other } = tickets.issue({ ...admission, owner: "key_2" })!;
  tickets.withdraw("key_1");
  expect(tickets.redeem(ticket, "one")).toBeNull();
  expect(tickets.redeem(other, "one")).not.toBeNull();
});

test("it runs out, and those that have run out make room", () => {
  let now = 1000;
  const tickets = new Tickets(() => now);
  const { ticket, expiresAt } = tickets.issue(admission)!;
  expect(expiresAt).toBe(1000 + terminalLimits.ticketMs);
  let issued = 1;
  while (tickets.issue(admission)) issued++;
  expect(issued).toBe(256);
  now = expiresAt;
  expect(tickets.redeem(ticket, "one")).toBeNull();
  expect(tickets.issue(admission)).not.toBeNull();
});
