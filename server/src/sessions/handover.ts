/**
 * A session from one process to another: to the interactive CLI for a person, or to a new one of its own kind. Nobody else
 * goes on with it meanwhile, and nothing of it is lost.
 */
import type { SessionRecord } from "../store/session-store.ts";
import type { Acquirer } from "./acquire.ts";
import type { Attendance } from "./attendance.ts";
import { SessionError } from "./errors.ts";
import type { LaunchPlan } from "./launch.ts";
import type { LiveSession, SessionSnapshot } from "./live-session.ts";
import type { Processes } from "./processes.ts";
import { transcriptExists } from "./transcripts/location.ts";
import type { Turnstile } from "./turnstile.ts";

export interface HandoverParts {
  processes: Processes;
  acquirer: Acquirer;
  turnstile: Turnstile;
  attendance: Attendance;
  /** The CLI's config folder, where its transcripts are. */
  configDir: string;
  onRestarted: (session: LiveSession) => void;
}

export class Handover {
  readonly #parts: HandoverParts;

  constructor(parts: HandoverParts) {
    this.#parts = parts;
  }

  /**
   * @param plan of the interactive CLI
   * @param before the session to go on with; a new one where that is null
   * @param by name of the person
   * @throws SessionError `session_busy` while a turn is under way, `queue_full`
   */
  async attend(plan: LaunchPlan, before: SessionRecord | null, by: string | null): Promise<SessionSnapshot> {
    const { processes, acquirer, turnstile, attendance } = this.#parts;
    const sessionId = before?.id ?? crypto.randomUUID();
    const leave = await turnstile.enter(sessionId);
    try {
      using _claim = acquirer.claim(sessionId);
      if (before) await this.#vacate(before.id);
      const live = await processes.launch({
        plan,
        sessionId,
        origin: before ? { type: "resume" } : { type: "new" },
        record: before ? { ...before, driver: plan.fixed.driver } : undefined,
        isAttended: true,
      });
      return this.#attended(live, by);
    } catch (error) {
      if (!processes.pool.get(sessionId)?.isAttended) attendance.over(sessionId);
      throw error;
    } finally {
      leave();
    }
  }

  /** @throws SessionError `session_unknown` when it has no process; `session_busy`, `queue_full` */
  async restart(sessionId: string): Promise<SessionSnapshot> {
    const { processes, acquirer, attendance, configDir, onRestarted } = this.#parts;
    const before = processes.pool.get(sessionId);
    if (!before) throw new SessionError("session_unknown", "There is no live session with that id.");
    using _claim = acquirer.claim(sessionId);
    const { plan, record, fingerprint: held } = before;
    const { attended } = before.snapshot();
    before.isHandedOn = true;
    try {
      await processes.end(before, "somebody restarted it");
      const hasPast = transcriptExists(configDir, record.cwd, sessionId);
      const live = await processes.launch({
        plan,
        sessionId,
        origin: { type: hasPast ? "resume" : "new" },
        record: before.record,
        isAttended: attended !== undefined,
      });
      if (attended) return this.#attended(live, attended.by);
      processes.releaseWhenReady(live, before.wasTypedIn ? null : held).catch(() => {});
      onRestarted(live);
      return live.snapshot();
    } catch (error) {
      attendance.over(sessionId);
      throw error;
    }
  }

  #attended(live: LiveSession, by: string | null): SessionSnapshot {
    this.#parts.attendance.begin(live, by);
    live.driver.ready.then(
      () => live.becomeReady(),
      () => {},
    );
    return live.snapshot();
  }

  /** Its process is ended, unless a turn needs it. */
  async #vacate(sessionId: string): Promise<void> {
    const { processes } = this.#parts;
    const live = processes.pool.get(sessionId);
    if (!live) return;
    const free = live.isAttended || processes.pool.takeById(sessionId) || processes.ending(live);
    if (!free)
      throw new SessionError("session_busy", "A turn of this session is under way. Interrupt it, or wait for its end.");
    live.isHandedOn = true;
    await processes.end(live, "a person goes on with it");
  }
}
