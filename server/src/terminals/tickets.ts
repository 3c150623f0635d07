/** What a browser shows to open a socket: an address may be seen by others, so it is good once and for a moment only. */
import { type TerminalRole, terminalLimits, type TerminalTicket } from "@lodge/shared";

export interface Admission {
  sessionId: string;
  role: TerminalRole;
  name: string | undefined;
  /** The API key that asked for it; null for the server's own token. */
  owner: string | null;
}

/** Tickets that may be out at one time. */
const maxTickets = 256;

export class Tickets {
  readonly #now: () => number;
  readonly #issued = new Map<string, Admission & { expiresAt: number }>();

  /** @param now milliseconds since the epoch */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Null when too many are out. */
  issue(admission: Admission): TerminalTicket | null {
    this.#forgetExpired();
    if (this.#issued.size >= maxTickets) return null;
    const ticket = Buffer.from(crypto.getRandomValues(new Uint8Array(24))).toString("base64url");
    const expiresAt = this.#now() + terminalLimits.ticketMs;
    this.#issued.set(ticket, { ...admission, expiresAt });
    return { ticket, expiresAt };
  }

  /** What the ticket admits to; null when there is no such ticket for the session, not any more, or it was used. */
  redeem(ticket: string, sessionId: string): Admission | null {
    const admission = this.#issued.get(ticket);
    // Shown for another session, it is not used up: that may have been a mistake, and it is as secret as before.
    if (!admission || admission.sessionId !== sessionId) return null;
    this.#issued.delete(ticket);
    return admission.expiresAt > this.#now() ? admission : null;
  }

  /** Whatever was issued to one owner is worth nothing any more. */
  withdraw(owner: string): void {
    for (const [ticket, admission] of this.#issued) if (admission.owner === owner) this.#issued.delete(ticket);
  }

  /** They are in the order of their times. */
  #forgetExpired(): void {
    const now = this.#now();
    for (const [ticket, { expiresAt }] of this.#issued) {
      if (expiresAt > now) return;
      this.#issued.delete(ticket);
    }
  }
}
