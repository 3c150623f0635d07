/** API keys: those there are, and a way to make, change and revoke them. */
import type { KeySummary } from "@lodge/shared";
import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { count } from "../../lib/format.ts";
import { Notice } from "../../lib/notice.tsx";
import { RowSkeletons } from "../../lib/row-skeletons.tsx";
import { EditKey, NewKey } from "./key-dialogs.tsx";
import { KeysTable } from "./keys-table.tsx";
import { keysQuery } from "./queries.ts";
import classes from "./settings.module.css";

export function KeysSection() {
  const { data: keys, error, refetch } = useQuery(keysQuery);
  const [dialog, setDialog] = useState<"new" | KeySummary | null>(null);
  const [showsRevoked, setShowsRevoked] = useState(false);
  const revoked = keys?.filter(({ state }) => state === "revoked").length ?? 0;
  const shown = keys?.filter(({ state }) => showsRevoked || state !== "revoked");

  return (
    <section className={classes["section"]} aria-labelledby="keys">
      <div className={classes["head"]}>
        <h2 id="keys">API keys</h2>
        <Button size="xs" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => setDialog("new")}>
          New key
        </Button>
      </div>
      <p className={classes["about"]}>
        The server’s own token opens everything. A key opens what it is for, in the workspaces that it is for; what is
        made with it, no other key sees.
      </p>
      {shown === undefined ? (
        error === null ? (
          <RowSkeletons label="Loading the keys" />
        ) : (
          <Notice title="The keys could not be read" action={<Button onClick={() => void refetch()}>Try again</Button>}>
            <p>{error.message}</p>
          </Notice>
        )
      ) : shown.length === 0 ? (
        <p className={classes["none"]}>There are no keys: everybody who uses this server has its token.</p>
      ) : (
        <KeysTable keys={shown} onEdit={setDialog} />
      )}
      {revoked === 0 ? null : (
        <Button size="compact-sm" variant="subtle" mt="xs" onClick={() => setShowsRevoked(!showsRevoked)}>
          {showsRevoked ? "Hide revoked keys" : `Show ${count(revoked, "revoked key")}`}
        </Button>
      )}
      {dialog === "new" ? <NewKey onClose={() => setDialog(null)} /> : null}
      {dialog === null || dialog === "new" ? null : <EditKey initial={dialog} onClose={() => setDialog(null)} />}
    </section>
  );
}
