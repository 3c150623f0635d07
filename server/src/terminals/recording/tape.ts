/** What takes down a terminal as it goes on. Nothing here may hold the terminal up, nor fail in its face. */
import type { DriverName } from "@lodge/shared";
import type { Size, Snapshot } from "../../emulator/index.ts";

export interface Tape {
  /** What the program wrote, and its place in the stream. The bytes are not changed afterwards. */
  output(offset: number, bytes: Uint8Array): void;
  resized(offset: number, size: Size): void;
  /** What a person typed. */
  typed(bytes: Uint8Array): void;
  /** The terminal is no more. Calling it again does nothing. */
  end(): void;
}

/** The terminal that is taken down. */
export interface Recorded {
  sessionId: string;
  driver: DriverName;
  size: Size;
  /** The text that brings another terminal to the present state; null when the terminal is no more. */
  snapshot(): Promise<Snapshot | null>;
}
