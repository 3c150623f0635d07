/** What a person sees of a terminal beside its screen, and what the server's answers mean for them. */
import {
  terminalClose,
  type TerminalDenial,
  type TerminalRole,
  type TerminalState,
  type TerminalViewer,
  type DriverName,
} from "@lodge/shared";
import { ApiFailure } from "../../lib/api-failure.ts";

/** An answer that trying again does not change. */
export type Ending =
  /** There is no process, or not any more. */
  | { type: "no_process" }
  /** The server takes no more viewers, or not this one. */
  | { type: "not_allowed" }
  /** The server was updated and this page does not understand it any more, or the other way round. */
  | { type: "protocol" }
  /** What the server said. */
  | { type: "refused"; message: string };

export type Line =
  | { status: "connecting" }
  | { status: "live" }
  /** Milliseconds since the epoch. */
  | { status: "reconnecting"; since: number; retryAt: number }
  | { status: "ended"; ending: Ending };

/** Something to tell once. */
export type TerminalNotice =
  | { type: "taken"; by: string }
  | { type: "denied"; reason: TerminalDenial }
  /** Somebody typed without holding the control. */
  | { type: "typed" };

export interface TerminalView {
  line: Line;
  viewerId: string | null;
  /** `control` while this viewer holds it. */
  role: TerminalRole;
  driver: DriverName | null;
  canControl: boolean;
  state: TerminalState | null;
  viewers: readonly TerminalViewer[];
  title: string;
  /** Milliseconds of a round trip to the server; null before the first. */
  rttMs: number | null;
  notice: TerminalNotice | null;
}

export const unknownTerminal: TerminalView = {
  line: { status: "connecting" },
  viewerId: null,
  role: "viewer",
  driver: null,
  canControl: false,
  state: null,
  viewers: [],
  title: "",
  rttMs: null,
  notice: null,
};

/** Why not to come back after a socket was closed; null when another try is worth it. */
export function endingOf(code: number): Ending | null {
  switch (code) {
    case terminalClose.sessionEnded:
      return { type: "no_process" };
    case terminalClose.notAllowed:
      return { type: "not_allowed" };
    case terminalClose.malformed:
    case terminalClose.tooLarge:
      return { type: "protocol" };
    default:
      return null;
  }
}

/** Why a ticket was not given; null when another try is worth it. */
export function refusalOf(error: unknown): Ending | "unauthorized" | null {
  if (!(error instanceof ApiFailure)) throw error;
  const { status, message } = error;
  if (status === 401) return "unauthorized";
  if (status === 404 || status === 409 || status === 410) return { type: "no_process" };
  // No answer, too many at once, or an error of the server's own: it may pass.
  if (status === 0 || status === 408 || status === 429 || status >= 500) return null;
  return { type: "refused", message };
}

/** Who holds the control, if that is somebody else. */
export function otherInControl({ viewers, viewerId }: TerminalView): TerminalViewer | null {
  return viewers.find(({ role, id }) => role === "control" && id !== viewerId) ?? null;
}
