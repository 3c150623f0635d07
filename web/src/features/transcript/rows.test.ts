import { describe, expect, test } from "bun:test";
import { rowAt, rowMaker, rowOf, timeOfRow, turnAt } from "./rows.ts";
import { call, result, text, user } from "./testing.ts";

const turn = [user("u1", 0), call("c1", 1), call("c2", 2), result("c2", 3), result("c1", 4), text("t1", 6)];

describe("rows", () => {
  test("have a tool's call and its result as one, in the order of the calls", () => {
    const rows = rowMaker()(turn, true);
    const shown = rows.slice(1).map(({ kind, key }) => `${kind} ${key}`);
    expect(shown).toEqual(["user u1", "tool c1", "tool c2", "text t1"]);
    expect(rows[2]).toMatchObject({ result: { id: "result c1" } });
  });

  test("end each turn with what it took, unless it still goes on", () => {
    const make = rowMaker();
    const use = { durationMs: 6000, contextTokens: 123, outputTokens: 15, model: "sonnet" };
    expect(make(turn, false).at(-1)).toMatchObject({ kind: "turn", turn: use });
    expect(make(turn, true).at(-1)).toMatchObject({ kind: "text" });
    expect(make([...turn, user("u2", 9)], true).map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(["turn", "user"]) as never,
    );
  });

  test("count a message's tokens once, though each of its entries tells them", () => {
    const first = text("a", 1, 2);
    const again = { ...text("b", 2), message: { ...first.message, outputTokens: 7 } };
    expect(rowMaker()([user("u", 0), first, again], false).at(-1)).toMatchObject({
      turn: { outputTokens: 7 },
    });
  });

  test("stay the same objects where nothing has changed", () => {
    const make = rowMaker();
    const before = make(turn.slice(0, 4), true);
    const after = make([...turn, user("u2", 7)], true);
    for (const key of ["u1", "c2"]) {
      expect(after.find((row) => row.key === key)).toBe(before.find((row) => row.key === key));
    }
    expect(after.find(({ key }) => key === "c1")).not.toBe(before.find(({ key }) => key === "c1"));
  });

  test("have a result without its call, where the beginning is missing", () =>
    expect(rowMaker()([result("lost", 0)], true)[1]).toMatchObject({ kind: "tool", call: null }));

  test("say when another day begins", () => {
    const rows = rowMaker()([user("a", 0), user("b", 3600), user("c", 86_400)], true);
    expect(rows.map(({ kind }) => kind)).toEqual(["day", "user", "user", "day", "user"]);
  });

  test("are found by any of their entries", () => {
    const rows = rowMaker()(turn, true);
    expect([rowOf(rows, "u1"), rowOf(rows, "result c1"), rowOf(rows, "none")]).toEqual([1, 2, -1]);
  });

  test("are found by what was said last at a moment", () => {
    const rows = rowMaker()(turn, false);
    const start = timeOfRow(rows[1]!)!;
    const keyAt = (seconds: number) => rows[rowAt(rows, start + seconds * 1000)]?.key;
    // A tool is where it was called, whenever it was done.
    expect([-1, 0, 1.5, 2, 3, 5, 6, 900].map(keyAt)).toEqual([undefined, "u1", "c1", "c2", "c2", "c2", "t1", "t1"]);
    const turns = rowMaker()([...turn, user("u2", 9)], true);
    const turnKeyAt = (seconds: number) => turns[turnAt(turns, start + seconds * 1000)]?.key;
    expect([-1, 0, 1, 8, 10].map(turnKeyAt)).toEqual(["u1", "u1", "u2", "u2", "u2"]);
    expect([rows[0], rows.at(-1)].map((row) => timeOfRow(row!))).toEqual([null, null]);
  });
});
