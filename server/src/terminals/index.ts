/** Live terminals: screens, those who watch them, and the one who types. Knows PTYs and bytes, not Claude. */
export { Emulator, type Size } from "./emulator/index.ts";
export { TerminalHub } from "./hub.ts";
export type { LiveTerminal, TerminalObserver } from "./live-terminal.ts";
export type { Keyboard, TerminalSource } from "./source.ts";
export { Tickets } from "./tickets.ts";
export { Viewer, type ViewerSocket } from "./viewer.ts";
