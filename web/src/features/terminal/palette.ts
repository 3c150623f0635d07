/** The terminal's colours in both schemes. The emulator itself sees to it that no words are too faint (WCAG AA). */
import type { ITheme } from "@xterm/xterm";

/** Contrast of words on what is behind them; colours that a program chose for another background are moved until they have it. */
export const minimumContrast = 4.5;

export const palettes: Record<"light" | "dark", ITheme> = {
  light: {
    background: "#ffffff",
    foreground: "#1b211e",
    cursor: "#1f7155",
    cursorAccent: "#ffffff",
    selectionBackground: "#b5dfce",
    black: "#1b211e",
    red: "#b93232",
    green: "#1f7155",
    yellow: "#8a5a00",
    blue: "#1d5fc4",
    magenta: "#9333a8",
    cyan: "#0b7285",
    white: "#68746d",
    brightBlack: "#68746d",
    brightRed: "#d03a3a",
    brightGreen: "#2c8a67",
    brightYellow: "#a56b00",
    brightBlue: "#2f74d8",
    brightMagenta: "#a846bd",
    brightCyan: "#138496",
    brightWhite: "#333c37",
  },
  dark: {
    background: "#101412",
    foreground: "#d3dad6",
    cursor: "#50b58c",
    cursorAccent: "#101412",
    selectionBackground: "#1f5a45",
    black: "#2b332f",
    red: "#ff8a80",
    green: "#67be9b",
    yellow: "#f2b44f",
    blue: "#6ea8fe",
    magenta: "#d79be6",
    cyan: "#66c7d6",
    white: "#d3dad6",
    brightBlack: "#8f9a94",
    brightRed: "#ffa8a0",
    brightGreen: "#8acdb2",
    brightYellow: "#ffd08a",
    brightBlue: "#9cc5ff",
    brightMagenta: "#e6bdf0",
    brightCyan: "#97dde8",
    brightWhite: "#f1f5f3",
  },
};
