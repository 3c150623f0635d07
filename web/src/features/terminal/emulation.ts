/** What makes xterm.js in the page the same emulator as the server's, and brings it to a snapshot's state. */
import { applyRemainder, guardTerminal, silenceTerminal, splitState } from "@lodge/shared";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import type { Terminal } from "@xterm/xterm";

export function emulateAlike(terminal: Terminal): void {
  terminal.loadAddon(new Unicode11Addon());
  // As wide as the server's emulator takes them to be.
  terminal.unicode.activeVersion = "11";
  // As on the server's side, where what a program asks of its terminal is answered.
  guardTerminal(terminal);
  silenceTerminal(terminal);
}

/** @param done called when all of it is on the screen; what is written meanwhile comes after it */
export function restoreState(terminal: Terminal, state: Uint8Array, done: () => void): void {
  const { text, remainder, rest } = splitState(state);
  terminal.write(text, () => {
    if (!remainder) return;
    applyRemainder(terminal, remainder);
    terminal.refresh(0, terminal.rows - 1);
  });
  terminal.write(rest, done);
}
