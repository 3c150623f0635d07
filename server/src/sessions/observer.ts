/** What goes on in the processes of all sessions, for whoever shows it: told as it happens, whether or not anybody reads the turn. */
import type { DriverName } from "@lodge/shared";
import type { UserBlock } from "./conversation.ts";
import type { DriverTerminal } from "./drivers/driver.ts";
import type { SessionError } from "./errors.ts";
import type { SessionEvent } from "./events.ts";

export interface LiveProcess {
  readonly sessionId: string;
  readonly driver: DriverName;
  /** The terminal that it runs on, if it does. */
  readonly terminal: DriverTerminal | undefined;
  /** Resolves when it is gone, with its exit code if it has one. */
  readonly exited: Promise<number | null>;
  /** Whether it was ended so that another process can go on with the session at once. */
  readonly isHandedOn: () => boolean;
}

export interface SessionObserver {
  launched(process: LiveProcess): void;
  /** A message is sent to it, or a person has typed one. */
  asked(sessionId: string, input: readonly UserBlock[]): void;
  said(sessionId: string, event: SessionEvent): void;
  failed(sessionId: string, error: SessionError): void;
}
