/** Who a viewer is to the others: the name that a person gave, and the browser that they use. */
import { terminalLimits } from "@lodge/shared";

/** The order matters: each of these names some of the later ones too. */
const browsers: readonly [RegExp, string][] = [
  [/Edg(?:e|A|iOS)?\//, "Edge"],
  [/OPR\//, "Opera"],
  [/(?:Firefox|FxiOS)\//, "Firefox"],
  [/(?:Chrome|CriOS)\//, "Chrome"],
  [/Safari\//, "Safari"],
];
const systems: readonly [RegExp, string][] = [
  [/Android/, "Android"],
  [/iPhone|iPad/, "iOS"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/CrOS/, "ChromeOS"],
  [/Linux/, "Linux"],
];

/** `Ada (Firefox on Linux)`, or `Firefox on Linux` without a name. */
export function viewerName(name: string, userAgent: string): string {
  const browser = browsers.find(([pattern]) => pattern.test(userAgent))?.[1] ?? "A browser";
  const system = systems.find(([pattern]) => pattern.test(userAgent))?.[1];
  const where = system === undefined ? browser : `${browser} on ${system}`;
  const given = name.trim().slice(0, terminalLimits.viewerName - where.length - 3);
  return given === "" ? where : `${given} (${where})`;
}
