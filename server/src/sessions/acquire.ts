/**
 * Which session a conversation goes on in: the live one that holds it, a process that waits unused, a transcript that
 * can be resumed or forked, or one written for the purpose. What is taken is taken before anything is awaited, so that
 * no two turns ever meet in one session.
 */
import type { SessionSource } from "@lodge/shared";
import type { SessionRecord, SessionStore, TranscriptPoint } from "../store/session-store.ts";
import type { Clock } from "./clock.ts";
import { type Message, type SplitConversation, textOf, type UserBlock } from "./conversation.ts";
import type { Origin } from "./drivers/driver.ts";
import { SessionError } from "./errors.ts";
import { type Fingerprint } from "./fingerprint.ts";
import type { LaunchPlan } from "./launch.ts";
import type { LiveSession } from "./live-session.ts";
import type { Processes } from "./processes.ts";
import { transcriptExists } from "./transcripts/location.ts";
import { seedTranscript } from "./transcripts/seed.ts";

/** How a session comes to know a history that it did not live through. */
export type HistoryInjection =
  /** A transcript is written and resumed: the model sees the messages as messages. */
  | "native_jsonl"
  /** The history is folded into the first prompt. */
  | "concat_message";

export interface Wanted {
  plan: LaunchPlan;
  split: SplitConversation;
  /** Fingerprint of `split.history`. */
  history: Fingerprint;
  /** The caller's own name for the session. */
  session: string | undefined;
  sessionMustExist: boolean;
  injection: HistoryInjection;
  signal: AbortSignal | undefined;
}

/** A session for one turn, and nobody else's until it is released or ended. */
export interface Lease {
  live: LiveSession;
  source: SessionSource;
  /** What to send: the new part of the conversation, with whatever the session must be told before it. */
  input: UserBlock[];
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
   * @param unreadable sessions whose transcript turned out to be of no use
   * @throws SessionError when no process can be had
   */
  async acquire(wanted: Wanted, unreadable: ReadonlySet<string>): Promise<Lease> {
    if (wanted.session !== undefined) {
      const record = this.#store.get(this.#store.sessionOfKey(wanted.session) ?? wanted.session);
      if (record && !unreadable.has(record.id)) return this.#goOnIn(record, wanted);
      if (wanted.sessionMustExist) {
        throw new SessionError("session_unknown", `There is no session ${JSON.stringify(wanted.session)} to go on in.`);
      }
    }
    const isNew = wanted.split.history.length === 0;
    if (isNew) this.#processes.remember(wanted.plan);
    // A named session is nobody else's, so only a process without a past will do for it.
    if (isNew || wanted.session === undefined) {
      const ready = this.#processes.pool.take(wanted.history, wanted.plan.key);
      if (ready) {
        const lease = await this.#reuse(ready, wanted, isNew ? "spare" : "warm");
        // It is gone now, and the next best thing is looked for.
        return lease ?? this.acquire(wanted, unreadable);
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
      const lease = idle && idle.plan.key === wanted.plan.key ? await this.#reuse(idle, wanted, "warm") : null;
      if (lease) return lease;
      if (record && (idle || !this.#processes.pool.get(from))) return this.#resume(record, wanted, idle);
    }
    const origin: Origin = { type: "fork", sessionId: from, at: point.message };
    return { ...(await this.#launch(wanted, "forked", crypto.randomUUID(), origin)), from };
  }

  /** In one certain session, wherever it stands. */
  async #goOnIn(record: SessionRecord, wanted: Wanted): Promise<Lease> {
    const { pool } = this.#processes;
    const idle = pool.takeById(record.id);
    const lease = idle && idle.plan.key === wanted.plan.key ? await this.#reuse(idle, wanted, "warm") : null;
    if (lease) return lease;
    const present = pool.get(record.id);
    const ending = present && this.#processes.ending(present);
    if ((present && !idle && !ending) || this.#claimed.has(record.id)) {
      throw new SessionError("session_busy", "Another turn of this session is under way.", { retryAfter: 1 });
    }
    return this.#resume(record, wanted, idle ?? present);
  }

  /** @param predecessor a process of the same session that cannot serve this turn */
  async #resume(record: SessionRecord, wanted: Wanted, predecessor: LiveSession | undefined): Promise<Lease> {
    this.#claimed.add(record.id);
    try {
      if (predecessor) await this.#processes.end(predecessor, "relaunch");
      return { ...(await this.#launch(wanted, "resumed", record.id, { type: "resume" }, record)), from: record.id };
    } finally {
      this.#claimed.delete(record.id);
    }
  }

  /** A history that is known to no session of ours. */
  async #inject(wanted: Wanted): Promise<Lease> {
    const { plan, split, injection } = wanted;
    const sessionId = crypto.randomUUID();
    if (injection === "concat_message") {
      const lease = await this.#launch(wanted, "seeded", sessionId, { type: "new" });
      return { ...lease, input: [{ type: "text", text: foldHistory(split.history) }, ...lease.input] };
    }
    await seedTranscript({
      configDir: this.#configDir,
      cwd: plan.fixed.cwd,
      sessionId,
      model: plan.adjustable.model,
      history: split.history,
      now: this.#clock.now(),
    });
    return this.#launch(wanted, "seeded", sessionId, { type: "resume" });
  }

  /** Null when the process cannot be told of its new settings; it has been ended then. */
  async #reuse(live: LiveSession, { plan, split }: Wanted, source: SessionSource): Promise<Lease | null> {
    try {
      await live.driver.adjust(plan.adjustable);
    } catch {
      await this.#processes.end(live, "it could not be adjusted");
      return null;
    }
    live.plan = plan;
    return { live, source, input: split.input };
  }

  async #launch(
    { plan, split, signal }: Wanted,
    source: SessionSource,
    sessionId: string,
    origin: Origin,
    record?: SessionRecord,
  ): Promise<Lease> {
    const live = await this.#processes.launch({ plan, sessionId, origin, record, signal });
    return { live, source, input: split.input };
  }
}

function foldHistory(history: readonly Message[]): string {
  const turns = history.map(({ role, content }) => `<${role}>\n${textOf(content)}\n</${role}>`);
  return `<conversation_so_far>\n${turns.join("\n")}\n</conversation_so_far>\n\n`;
}
