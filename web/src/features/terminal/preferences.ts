/** How this browser likes its terminals. */
import { terminalLimits } from "@lodge/shared";
import { useLocalStorage } from "@mantine/hooks";

/** By what a terminal is drawn; "auto" is the graphics card where there is one, and elements of the page where not. */
export const renderers = ["auto", "webgl", "dom"] as const;
export type Renderer = (typeof renderers)[number];

export interface TerminalPreferences {
  /** Pixels. */
  fontSize: number;
  /** Keeps the screen's words in the page as text too, for those who have them read out. Costs time with much output. */
  screenReader: boolean;
  /** Makes the letters of who watches so small that all of the terminal is seen; otherwise it is moved about. */
  isFitted: boolean;
  /** What others who watch call this viewer; empty for none. */
  name: string;
  renderer: Renderer;
}

export const fontSizes = { smallest: 8, usual: 13, largest: 28 } as const;

export function useTerminalPreferences() {
  return useLocalStorage<TerminalPreferences>({
    key: "lodge-terminal",
    defaultValue: parsePreferences(undefined),
    getInitialValueInEffect: false,
    deserialize: (text) => parsePreferences(text),
  });
}

export function parsePreferences(text: string | undefined): TerminalPreferences {
  const given = parse(text);
  const size = given?.fontSize;
  return {
    fontSize:
      typeof size === "number" && size >= fontSizes.smallest && size <= fontSizes.largest ? size : fontSizes.usual,
    screenReader: given?.screenReader === true,
    isFitted: given?.isFitted !== false,
    name: typeof given?.name === "string" ? given.name.slice(0, terminalLimits.viewerName) : "",
    renderer: renderers.find((each) => each === given?.renderer) ?? "auto",
  };
}

function parse(text: string | undefined): Partial<Record<keyof TerminalPreferences, unknown>> | null {
  try {
    return JSON.parse(text ?? "null") as ReturnType<typeof parse>;
  } catch {
    // Something else wrote it: as if it were not there.
    return null;
  }
}
