/** What the server is set to, and who may use it. */
import { useQuery } from "@tanstack/react-query";
import { Page } from "../../lib/page.tsx";
import { RowSkeletons } from "../../lib/row-skeletons.tsx";
import { Configuration } from "./configuration.tsx";
import { KeysSection } from "./keys-section.tsx";
import { keysQuery, settingsQuery } from "./queries.ts";
import { keysSummary } from "./words.ts";

export function SettingsPage() {
  const { data: keys, isPending: areKeysAwaited } = useQuery(keysQuery);
  const { isPending: areSettingsAwaited } = useQuery(settingsQuery);
  return (
    <Page title="Settings" summary={keys === undefined ? undefined : keysSummary(keys)}>
      {areKeysAwaited || areSettingsAwaited ? (
        // Both at once: the one that came first would be moved by the other.
        <RowSkeletons label="Loading the settings" />
      ) : (
        <>
          <KeysSection />
          <Configuration />
        </>
      )}
    </Page>
  );
}
