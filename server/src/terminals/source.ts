/** What feeds a terminal: a program on a PTY, or a log that is written line by line. */
import type { Size } from "../emulator/index.ts";

export interface TerminalSource {
  readonly size: Size;
  /** Calls back with output as it comes, until disposed. The bytes are the listener's to keep: nobody changes them. */
  onOutput(listener: (bytes: Uint8Array) => void): Disposable;
  /** What a person can do to it; absent where there is nobody to type to. */
  readonly keyboard?: Keyboard;
}

export interface Keyboard {
  /** False when it was not taken: the program does not read what is typed. */
  write(bytes: Uint8Array<ArrayBuffer>): boolean;
  resize(size: Size): void;
  /** Stops the program from writing until `resume`. */
  pause(): void;
  resume(): void;
}
