/** Live terminals: screens, those who watch them, and the one who types. Knows PTYs and bytes, not Claude. */
export { Emulator, type Size } from "../emulator/index.ts";
export { TerminalHub } from "./hub.ts";
export type { LiveTerminal, TerminalObserver } from "./live-terminal.ts";
export { Recordings } from "./recording/recordings.ts";
export type { Recorded, Tape } from "./recording/tape.ts";
export type { Keyboard, TerminalSource } from "./source.ts";
export { Tickets } from "./tickets.ts";
export { Viewer, type ViewerSocket } from "./viewer.ts";
