/** The lines of a transcript as they are shown: a tool's call and its result are one, and each turn ends with what it took. */
import type { TranscriptEntry } from "@lodge/shared";

type Entry<K extends TranscriptEntry["kind"]> = Extract<TranscriptEntry, { kind: K }>;
export type ToolCall = Entry<"tool_call">;
export type ToolResult = Entry<"tool_result">;

export type Row =
  | { kind: "day"; key: string; at: number }
  | { kind: "user"; key: string; entry: Entry<"user"> }
  | { kind: "text"; key: string; entry: Entry<"text"> }
  | { kind: "thinking"; key: string; entry: Entry<"thinking"> }
  /** A result without a call is what remains of a transcript whose beginning is not here. */
  | { kind: "tool"; key: string; call: ToolCall | null; result: ToolResult | null }
  | { kind: "notice"; key: string; entry: Entry<"notice"> }
  | { kind: "turn"; key: string; turn: TurnUse };

export interface TurnUse {
  durationMs: number;
  /** Tokens of the last request, cached ones included: how full the model's memory is. */
  contextTokens: number;
  outputTokens: number;
  model: string;
}

/** Makes rows, the same objects again where nothing has changed. One for each list that is shown. */
export function rowMaker(): (entries: readonly TranscriptEntry[], isBusy: boolean) => Row[] {
  let before = new Map<string, Row>();
  return (entries, isBusy) => {
    const rows = makeRows(entries, isBusy).map((row) => {
      const known = before.get(row.key);
      return known !== undefined && isSame(known, row) ? known : row;
    });
    before = new Map(rows.map((row) => [row.key, row]));
    return rows;
  };
}

function makeRows(entries: readonly TranscriptEntry[], isBusy: boolean): Row[] {
  const rows: Row[] = [];
  const calls = new Map<string, Extract<Row, { kind: "tool" }>>();
  let day = "";
  let turn = newTurn();

  const endTurn = () => {
    const row = turn.end();
    if (row !== null) rows.push(row);
    turn = newTurn();
  };

  for (const entry of entries) {
    const today = new Date(entry.at).toDateString();
    if (entry.kind === "user") endTurn();
    if (today !== day) rows.push({ kind: "day", key: `day ${today}`, at: entry.at });
    day = today;
    turn.add(entry);
    switch (entry.kind) {
      case "user":
      case "text":
      case "thinking":
      case "notice":
        rows.push({ kind: entry.kind, key: entry.id, entry } as Row);
        break;
      case "tool_call": {
        const row = { kind: "tool" as const, key: entry.id, call: entry, result: null };
        calls.set(entry.callId, row);
        rows.push(row);
        break;
      }
      case "tool_result": {
        const row = calls.get(entry.callId);
        if (row) row.result = entry;
        else rows.push({ kind: "tool", key: entry.id, call: null, result: entry });
        break;
      }
    }
  }
  if (!isBusy) endTurn();
  return rows;
}

function newTurn() {
  let first: number | null = null;
  let last: TranscriptEntry | null = null;
  const output = new Map<string, number>();
  let contextTokens = 0;
  let model = "";
  return {
    add(entry: TranscriptEntry): void {
      first ??= entry.at;
      if (!("message" in entry) || entry.sidechain) return;
      last = entry;
      const { message } = entry;
      // Each block repeats what its message took, the later ones more exactly.
      output.set(message.id, Math.max(output.get(message.id) ?? 0, message.outputTokens));
      contextTokens = message.inputTokens + message.cacheReadTokens + message.cacheCreationTokens;
      model = message.model;
    },
    end(): Row | null {
      if (first === null || last === null) return null;
      const outputTokens = [...output.values()].reduce((sum, tokens) => sum + tokens, 0);
      const turn = { durationMs: last.at - first, contextTokens, outputTokens, model };
      return { kind: "turn", key: `turn ${last.id}`, turn };
    },
  };
}

function isSame(a: Row, b: Row): boolean {
  switch (a.kind) {
    case "day":
      return b.kind === "day";
    case "tool":
      return b.kind === "tool" && a.call === b.call && a.result === b.result;
    case "turn":
      return b.kind === "turn" && JSON.stringify(a.turn) === JSON.stringify(b.turn);
    case "user":
    case "text":
    case "thinking":
    case "notice":
      return b.kind === a.kind && a.entry === b.entry;
  }
}

/** Which row an entry is shown in; -1 when it is not there. A record's uuid stands for its first entry. */
export function rowOf(rows: readonly Row[], id: string): number {
  return rows.findIndex((row) => row.key === id || (row.kind === "tool" && row.result?.id === id));
}

/** When a row was said or done, in milliseconds since the epoch; null for what only divides others. */
export function timeOfRow(row: Row): number | null {
  switch (row.kind) {
    case "day":
    case "turn":
      return null;
    case "tool":
      return (row.call ?? row.result)?.at ?? null;
    case "user":
    case "text":
    case "thinking":
    case "notice":
      return row.entry.at;
  }
}

/** The row of what was said last at a moment; -1 before the first. */
export function rowAt(rows: readonly Row[], moment: number): number {
  return rows.findLastIndex((row) => (timeOfRow(row) ?? Number.POSITIVE_INFINITY) <= moment);
}

/** The row with which the turn begins that is begun at a moment; what was said last when none is. */
export function turnAt(rows: readonly Row[], moment: number): number {
  const turn = rows.findIndex((row) => row.kind === "user" && row.entry.at >= moment);
  return turn === -1 ? rowAt(rows, moment) : turn;
}
