/**
 * Which session a conversation goes on in: the live one that holds it, a process that waits unused, a transcript that
 * can be resumed or forked, or one written for the purpose. What is taken is taken before anything is awaited, so that
 * no two turns ever meet in one session.
 */
import type { SessionSource } from "@lodge/shared";
import type { SessionRecord, SessionStore, TranscriptPoint } from "../store/session-store.ts";
import type { TurnBeginning } from "./active-turn.ts";
import { asReminder } from "./client-tools/choice.ts";
import { fitsHeldCall } from "./client-tools/results.ts";
import type { Clock } from "./clock.ts";
import { type Message, type SplitConversation, textOf, type ToolResultBlock, type UserBlock } from "./conversation.ts";
import type { Origin } from "./drivers/driver.ts";
import { SessionError } from "./errors.ts";
import { type Fingerprint } from "./fingerprint.ts";
import type { LaunchPlan } from "./launch.ts";
import type { LiveSession } from "./live-session.ts";
import type { Processes } from "./processes.ts";
import { cutTranscript } from "./transcripts/cut.ts";
import { transcriptExists } from "./transcripts/location.ts";
import { extendTranscript, type Seed, seedTranscript } from "./transcripts/seed.ts";
import { dropStaleTools } from "./transcripts/stale-tools.ts";

/** How a session comes to know a history that it did not live through. */
export type HistoryInjection =
  /** A transcript is written and resumed: the model sees the messages as messages. */
  | "native_jsonl"
  /** The history is folded into the first prompt. */
  | "concat_message";

export interface Wanted {
  plan: LaunchPlan;
  split: SplitConversation;
  /** Of `split.input`: results of calls that its last message made, and what else is said. */
  results: readonly ToolResultBlock[];
  words: readonly UserBlock[];
  /** For the model, beside what the user says. */
  reminder: string | null;
  /** Fingerprint of `split.history`. */
  history: Fingerprint;
  /** The caller's own name for the session. */
  session: string | undefined;
  /** What that name is kept as. */
  word: string | undefined;
  /** When the request came. */
  askedAt: number;
  sessionMustExist: boolean;
  injection: HistoryInjection;
  /** Fetches what the history has only URLs of. */
  completeHistory: (history: readonly Message[]) => Promise<readonly Message[]>;
  signal: AbortSignal | undefined;
}

/** A session for one turn, and nobody else's until it is released or ended. */
export interface Lease {
  live: LiveSession;
  source: SessionSource;
  /** What to send: the new part of the conversation, with whatever the session must be told beside it. */
  beginning: TurnBeginning;
  /** The session whose transcript it goes on from. */
  from?: string;
}

export interface AcquirerParts {
  processes: Processes;
  store: SessionStore;
  /** The CLI's config folder, where its transcripts are. */
  configDir: string;
  clock: Clock;
}

export class Acquirer {
  readonly #processes: Processes;
  readonly #store: SessionStore;
  readonly #configDir: string;
  readonly #clock: Clock;
  /** Sessions whose transcript somebody is about to go on with. */
  readonly #claimed = new Set<string>();

  constructor({ processes, store, configDir, clock }: AcquirerParts) {
    this.#processes = processes;
    this.#store = store;
    this.#configDir = configDir;
    this.#clock = clock;
  }

  /**
   * Nobody else goes on with that session until it is disposed.
   *
   * @throws SessionError `session_busy` when somebody does
   */
  claim(sessionId: string): Disposable {
    if (this.#claimed.has(sessionId)) {
      throw new SessionError("session_busy", "Another turn of this session is under way.", { retryAfter: 1 });
    }
    this.#claimed.add(sessionId);
    return { [Symbol.dispose]: () => void this.#claimed.delete(sessionId) };
  }

  /**
   * @param unreadable sessions whose transcript turned out to be of no use
   * @throws SessionError when no process can be had
   */
  async acquire(wanted: Wanted, unreadable: ReadonlySet<string>): Promise<Lease> {
    return wanted.results.length > 0 ? this.#answerCalls(wanted, unreadable) : this.#acquire(wanted, unreadable);
  }

  /** In the turn that waits for these results, or in one made to be where it was. */
  async #answerCalls(wanted: Wanted, unreadable: ReadonlySet<string>): Promise<Lease> {
    const lease = await this.#goOnHeld(wanted);
    if (lease) return lease;
    for (const point of this.#pointsOf(wanted)) {
      if (unreadable.has(point.sessionId)) continue;
      const forked = await this.#answerAt(point, wanted);
      if (forked) return forked;
    }
    if (wanted.split.history.length === 0) {
      throw new SessionError("invalid_request", "messages: no session waits for these tool results any more.");
    }
    return this.#inject(wanted);
  }

  /** The turn itself, when it is held still and this conversation is the one that it belongs to. */
  async #goOnHeld(wanted: Wanted): Promise<Lease | null> {
    const { plan, results } = wanted;
    const live = this.#processes.pool.holding(results[0]?.tool_use_id ?? "");
    const held = live?.held;
    if (!live || !held || !live.serves(plan)) return null;
    // In a named session what came before is what the session knows, whatever is sent.
    const named = this.#named(wanted);
    const isMeant = named === undefined ? live.fingerprint === wanted.history : live.id === named;
    if (!isMeant) return null;
    const given = new Set(results.map(({ tool_use_id: id }) => id));
    const missing = held.calls.filter(({ id }) => !given.has(id));
    if (missing.length > 0) {
      const ids = missing.map(({ id }) => id).join(", ");
      throw new SessionError("invalid_request", `messages: there is no result for the tool call ${ids}.`);
    }
    if (!this.#processes.pool.takeHeld(live)) return null;
    const fits = results.every(fitsHeldCall);
    if (!fits || !(await this.#adjust(live, plan))) {
      await this.#processes.end(live, "its turn cannot go on where it is");
      return null;
    }
    const last = results.length - 1;
    const asked = results.map((result, index) => (index === last ? withReminder(result, wanted.reminder) : result));
    return {
      live,
      source: "warm",
      beginning: { type: "results", held, results: asked, input: wanted.words },
    };
  }

  /** Where transcripts hold these calls. */
  #pointsOf(wanted: Wanted): TranscriptPoint[] {
    const points = this.#store.find(wanted.history);
    const named = this.#named(wanted);
    if (named === undefined) return points;
    const record = this.#store.get(named);
    const known = points.filter(({ sessionId }) => sessionId === record?.id);
    if (known.length > 0 || !record?.tip) return known;
    return [{ sessionId: record.id, cwd: record.cwd, message: record.tip, isTip: true }];
  }

  /** Id of the session that the caller names. */
  #named({ session, word }: Wanted): string | undefined {
    return word === undefined ? undefined : (this.#store.sessionOfKey(word) ?? session);
  }

  /** A new session whose transcript ends in the calls and their results. Null when it cannot be had. */
  async #answerAt(point: TranscriptPoint, wanted: Wanted): Promise<Lease | null> {
    const { sessionId: from, cwd, message: at } = point;
    if (cwd !== wanted.plan.fixed.cwd || !transcriptExists(this.#configDir, cwd, from)) return null;
    const to = await this.#copy(point, wanted.plan);
    if (to === null) return null;
    const answering = await extendTranscript({ ...this.#seed(wanted, to, resultsAsMessages(wanted)), after: at });
    const lease = await this.#launch(wanted, "forked", to, { type: "resume", answering });
    return { ...lease, from };
  }

  /** A session of its own that ends where another's transcript stood. Null when that cannot be read. */
  async #copy({ sessionId: from, cwd, message: at }: TranscriptPoint, plan: LaunchPlan): Promise<string | null> {
    const to = crypto.randomUUID();
    try {
      await cutTranscript({ configDir: this.#configDir, cwd, from, at, to });
      await this.#dropStaleTools(to, plan);
      return to;
    } catch {
      return null;
    }
  }

  #dropStaleTools(sessionId: string, { fixed, adjustable }: LaunchPlan): Promise<void> {
    const tools = adjustable.clientTools;
    return dropStaleTools({ configDir: this.#configDir, cwd: fixed.cwd, sessionId, tools });
  }

  #seed({ plan }: Wanted, sessionId: string, history: readonly Message[]): Seed {
    return {
      configDir: this.#configDir,
      cwd: plan.fixed.cwd,
      sessionId,
      model: plan.adjustable.model,
      history,
      now: this.#clock.now(),
    };
  }

  async #acquire(wanted: Wanted, unreadable: ReadonlySet<string>): Promise<Lease> {
    const named = this.#named(wanted);
    if (named !== undefined) {
      const record = this.#store.get(named);
      if (record && !unreadable.has(record.id)) return this.#goOnIn(record, wanted);
      if (wanted.sessionMustExist) {
        throw new SessionError("session_unknown", `There is no session ${JSON.stringify(wanted.session)} to go on in.`);
      }
    }
    const isNew = wanted.split.history.length === 0;
    if (isNew) this.#processes.remember(wanted.plan);
    // A named session is nobody else's, so only a process without a past will do for it.
    if (isNew || wanted.session === undefined) {
      const ready = this.#processes.pool.take(wanted.history, wanted.plan);
      if (ready) {
        const lease = await this.#reuse(ready, wanted, isNew ? "spare" : "warm");
        // It is gone now, and the next best thing is looked for.
        return lease ?? this.#acquire(wanted, unreadable);
      }
    }
    if (isNew) return this.#launch(wanted, "cold", crypto.randomUUID(), { type: "new" });
    for (const point of this.#store.find(wanted.history)) {
      if (unreadable.has(point.sessionId)) continue;
      if (!transcriptExists(this.#configDir, point.cwd, point.sessionId)) continue;
      return this.#goOnAt(point, wanted);
    }
    return this.#inject(wanted);
  }

  /** Where a transcript stood: in the same session if nothing came after and nobody is in it, else in a fork. */
  async #goOnAt(point: TranscriptPoint, wanted: Wanted): Promise<Lease> {
    const from = point.sessionId;
    if (point.isTip && !this.#claimed.has(from)) {
      const idle = this.#processes.pool.takeById(from);
      const record = this.#store.get(from);
      const lease = idle?.serves(wanted.plan) ? await this.#reuse(idle, wanted, "warm") : null;
      if (lease) return lease;
      if (record && (idle || !this.#processes.pool.get(from))) return this.#resume(record, wanted, idle);
    }
    // The CLI's own fork would take over what the client's tools looked like.
    const copy = wanted.plan.adjustable.clientTools.length > 0 ? await this.#copy(point, wanted.plan) : null;
    if (copy !== null) return { ...(await this.#launch(wanted, "forked", copy, { type: "resume" })), from };
    const origin: Origin = { type: "fork", sessionId: from, at: point.message };
    return { ...(await this.#launch(wanted, "forked", crypto.randomUUID(), origin)), from };
  }

  /** In one certain session, wherever it stands. */
  async #goOnIn(record: SessionRecord, wanted: Wanted): Promise<Lease> {
    const { pool } = this.#processes;
    const idle = pool.takeById(record.id);
    const lease = idle?.serves(wanted.plan) ? await this.#reuse(idle, wanted, "warm") : null;
    if (lease) return lease;
    const present = pool.get(record.id);
    const ending = present && this.#processes.ending(present);
    if (present?.held && !ending) {
      const ids = present.held.calls.map(({ id }) => id).join(", ");
      throw new SessionError(
        "invalid_request",
        `messages: the session waits for the results of ${ids}; send them first.`,
      );
    }
    if ((present && !idle && !ending) || this.#claimed.has(record.id)) {
      throw new SessionError("session_busy", "Another turn of this session is under way.", { retryAfter: 1 });
    }
    return this.#resume(record, wanted, idle ?? present);
  }

  /** @param predecessor a process of the same session that cannot serve this turn */
  async #resume(record: SessionRecord, wanted: Wanted, predecessor: LiveSession | undefined): Promise<Lease> {
    this.#claimed.add(record.id);
    try {
      if (predecessor) predecessor.isHandedOn = true;
      if (predecessor) await this.#processes.end(predecessor, "relaunch");
      // Without a transcript the CLI will say so itself.
      if (wanted.plan.adjustable.clientTools.length > 0)
        await this.#dropStaleTools(record.id, wanted.plan).catch(() => {});
      // Only at its end did the process tell what a turn cost that was broken off.
      const latest = this.#store.get(record.id) ?? record;
      return { ...(await this.#launch(wanted, "resumed", record.id, { type: "resume" }, latest)), from: record.id };
    } finally {
      this.#claimed.delete(record.id);
    }
  }

  /** A history that is known to no session of ours. */
  async #inject(wanted: Wanted): Promise<Lease> {
    const { split, injection, results } = wanted;
    const sessionId = crypto.randomUUID();
    if (results.length > 0) {
      const history = [...(await wanted.completeHistory(split.history)), ...resultsAsMessages(wanted)];
      const answering = await seedTranscript(this.#seed(wanted, sessionId, history));
      return this.#launch(wanted, "seeded", sessionId, { type: "resume", answering });
    }
    if (injection === "concat_message") {
      const lease = await this.#launch(wanted, "seeded", sessionId, { type: "new" });
      const folded: UserBlock = { type: "text", text: foldHistory(split.history) };
      return { ...lease, beginning: { type: "message", input: [folded, ...input(wanted)] } };
    }
    await seedTranscript(this.#seed(wanted, sessionId, await wanted.completeHistory(split.history)));
    return this.#launch(wanted, "seeded", sessionId, { type: "resume" });
  }

  /** Null when the process cannot be told of its new settings; it has been ended then. */
  async #reuse(live: LiveSession, wanted: Wanted, source: SessionSource): Promise<Lease | null> {
    if (!(await this.#adjust(live, wanted.plan))) {
      await this.#processes.end(live, "it could not be adjusted");
      return null;
    }
    return { live, source, beginning: { type: "message", input: input(wanted) } };
  }

  async #adjust(live: LiveSession, plan: LaunchPlan): Promise<boolean> {
    try {
      await live.driver.adjust(plan.adjustable);
    } catch {
      return false;
    }
    live.plan = plan;
    return true;
  }

  async #launch(
    wanted: Wanted,
    source: SessionSource,
    sessionId: string,
    origin: Origin,
    record?: SessionRecord,
  ): Promise<Lease> {
    const { plan, signal } = wanted;
    const live = await this.#processes.launch({ plan, sessionId, origin, record, signal });
    return { live, source, beginning: { type: "message", input: input(wanted) } };
  }
}

function input({ split, reminder }: Wanted): UserBlock[] {
  return reminder === null ? split.input : [...split.input, { type: "text", text: reminder }];
}

function withReminder(result: ToolResultBlock, reminder: string | null): ToolResultBlock {
  return reminder === null ? result : { ...result, content: [...result.content, { type: "text", text: reminder }] };
}

/** How a transcript ends that is to be gone on with by itself: the CLI takes only a message in words as one to answer. */
function resultsAsMessages({ results, words, reminder }: Wanted): Message[] {
  const said: UserBlock[] = [...words];
  if (reminder !== null) said.push({ type: "text", text: reminder });
  if (said.length === 0)
    said.push({ type: "text", text: asReminder("Those are the results of your tool calls. Go on.") });
  return [
    { role: "user", content: [...results] },
    { role: "user", content: said },
  ];
}

function foldHistory(history: readonly Message[]): string {
  const turns = history.map(({ role, content }) => `<${role}>\n${textOf(content)}\n</${role}>`);
  return `<conversation_so_far>\n${turns.join("\n")}\n</conversation_so_far>\n\n`;
}
