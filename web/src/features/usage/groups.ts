/** What groups are called and drawn in. */
import type { UsageGroup, UsageReport } from "@lodge/shared";

export const groupWords: Record<UsageGroup, string> = {
  model: "Model",
  workspace: "Workspace",
  source: "Session source",
  mode: "Mode",
  key: "Key",
};

/** Told apart by their order in a stack as much as by their hue; the rest of all groups is grey. */
const colours = [
  "pine.6",
  "blue.6",
  "orange.6",
  "grape.6",
  "cyan.6",
  "yellow.7",
  "red.6",
  "indigo.5",
  "lime.7",
  "pink.6",
  "violet.5",
  "teal.4",
];

export interface GroupLook {
  name: string;
  colour: string;
}

export function looksOf({ groups, by }: UsageReport): GroupLook[] {
  return groups.map(({ name }, index) =>
    name === null
      ? { name: "Others", colour: "gray.5" }
      : {
          name: name === "" && by === "workspace" ? "(root)" : name,
          colour: colours[index % colours.length] ?? "gray.5",
        },
  );
}
