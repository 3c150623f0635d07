/** API keys: those there are, and a way to make, change and revoke them. */
import type { KeySummary } from "@lodge/shared";
import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { Command } from "../../lib/command.tsx";
import { count } from "../../lib/format.ts";
import { Notice } from "../../lib/notice.tsx";
import { RowSkeletons } from "../../lib/row-skeletons.tsx";
import { EditKey, NewKey } from "./key-dialogs.tsx";
import { KeysTable } from "./keys-table.tsx";
import { keysQuery } from "./queries.ts";
import { settingsSearch } from "./search.ts";
import classes from "./settings.module.css";

const route = getRouteApi("/settings");

export function KeysSection() {
  const { q, new: opened } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: keys, error, refetch } = useQuery(keysQuery);
  const [edited, setEdited] = useState<KeySummary | null>(null);
  const showNew = (isOpen: boolean) =>
    void navigate({ search: settingsSearch({ q, ...(isOpen ? { new: "key" } : {}) }), replace: !isOpen });
  const [showsRevoked, setShowsRevoked] = useState(false);
  const revoked = keys?.filter(({ state }) => state === "revoked").length ?? 0;
  const shown = keys?.filter(({ state }) => showsRevoked || state !== "revoked");

  return (
    <section className={classes["section"]} aria-labelledby="keys">
      <div className={classes["head"]}>
        <h2 id="keys">API keys</h2>
        <Button size="xs" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => showNew(true)}>
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
        <FirstKey />
      ) : (
        <KeysTable keys={shown} onEdit={setEdited} />
      )}
      {revoked === 0 ? null : (
        <Button size="compact-sm" variant="subtle" mt="xs" onClick={() => setShowsRevoked(!showsRevoked)}>
          {showsRevoked ? "Hide revoked keys" : `Show ${count(revoked, "revoked key")}`}
        </Button>
      )}
      {opened === "key" ? <NewKey onClose={() => showNew(false)} /> : null}
      {edited === null ? null : <EditKey initial={edited} onClose={() => setEdited(null)} />}
    </section>
  );
}

function FirstKey() {
  return (
    <>
      <p className={classes["none"]}>
        There are no keys: everybody who uses this server has its token. Make one for each program or person, so that
        you see what each of them takes, can limit it, and can end it alone. Clients use it in the token’s place:
      </p>
      <Command
        label="A first request with a key"
        text={`curl ${window.location.origin}/v1/models -H "Authorization: Bearer <the key>"`}
      />
    </>
  );
}
