import { textParam } from "../../lib/text-filter.ts";

/** What the settings page shows, as it stands in the address. */
export interface SettingsSearch {
  /** A filter of the configuration. */
  q?: string;
}

export function settingsSearch({ q }: Record<string, unknown>): SettingsSearch {
  const words = textParam(q);
  return words === undefined ? {} : { q: words };
}
