/** What the server is set to, and who may use it. */
import { useQuery } from "@tanstack/react-query";
import { Page } from "../../lib/page.tsx";
import { Configuration } from "./configuration.tsx";
import { KeysSection } from "./keys-section.tsx";
import { keysQuery } from "./queries.ts";
import { keysSummary } from "./words.ts";

export function SettingsPage() {
  const { data: keys } = useQuery(keysQuery);
  return (
    <Page title="Settings" summary={keys === undefined ? undefined : keysSummary(keys)}>
      <KeysSection />
      <Configuration />
    </Page>
  );
}
