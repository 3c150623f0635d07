import { textParam } from "../../lib/text-filter.ts";

/** What the settings page shows, as it stands in the address. */
export interface SettingsSearch {
  /** A filter of the configuration. */
  q?: string;
  /** The window that makes a key is open. */
  new?: "key";
}

export function settingsSearch({ q, new: made }: Record<string, unknown>): SettingsSearch {
  const words = textParam(q);
  return { ...(words === undefined ? {} : { q: words }), ...(made === "key" ? { new: made } : {}) };
}
