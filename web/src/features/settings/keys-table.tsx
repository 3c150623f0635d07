import type { KeySummary } from "@lodge/shared";
/** Keys as a table. On a phone what they are for stands below their name. */
import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { calendarDay, cost } from "../../lib/format.ts";
import { Ago } from "../../lib/time.tsx";
import { TwoClicks } from "../../lib/two-clicks.tsx";
import { keysQuery, revokeKey } from "./queries.ts";
import { limitWords, workspaceWords } from "./words.ts";
import classes from "./settings.module.css";

interface KeysTableProps {
  keys: readonly KeySummary[];
  onEdit: (key: KeySummary) => void;
}

export function KeysTable({ keys, onEdit }: KeysTableProps) {
  return (
    <table className={classes["keys"]} aria-label="API keys">
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col" className={classes["wide"]}>
            Scopes
          </th>
          <th scope="col" className={classes["wide"]}>
            Workspaces
          </th>
          <th scope="col" className={classes["wide"]}>
            Limits
          </th>
          <th scope="col" className={classes["wide"]}>
            Today
          </th>
          <th scope="col" className={classes["wide"]}>
            Last used
          </th>
          <th scope="col">
            <span className={classes["hidden"]}>Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {keys.map((key) => (
          <Row key={key.id} apiKey={key} onEdit={onEdit} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ apiKey, onEdit }: { apiKey: KeySummary; onEdit: (key: KeySummary) => void }) {
  const queryClient = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => revokeKey(apiKey.id),
    onSettled: () => queryClient.invalidateQueries({ queryKey: keysQuery.queryKey }),
  });
  const { name, prefix, state, scopes, workspaces, usdToday, lastUsedAt } = apiKey;
  return (
    <tr data-state={state}>
      <th scope="row">
        {name}
        <code>{prefix}…</code>
        <KeyLife apiKey={apiKey} />
        <div className={classes["narrow"]}>
          <div>{scopes.join(", ")}</div>
          <div>Workspaces: {workspaceWords(workspaces)}</div>
          <div>Limits: {limitWords(apiKey)}</div>
          <div>{cost(usdToday)} today</div>
          <div>Last used: {lastUsedAt === null ? "never" : <Ago at={lastUsedAt} />}</div>
        </div>
        {revoke.error === null ? null : (
          <div role="alert" className={classes["problem"]}>
            {revoke.error.message}
          </div>
        )}
      </th>
      <td className={classes["wide"]}>{scopes.join(", ")}</td>
      <td className={classes["wide"]} title={workspaces?.join(", ")}>
        {workspaceWords(workspaces)}
      </td>
      <td className={classes["wide"]}>{limitWords(apiKey)}</td>
      <td className={classes["wide"]}>{cost(usdToday)}</td>
      <td className={classes["wide"]}>{lastUsedAt === null ? "never" : <Ago at={lastUsedAt} />}</td>
      <td>
        {state === "revoked" ? null : (
          <div className={classes["actions"]}>
            <Button size="compact-sm" variant="default" aria-label={`Edit ${name}`} onClick={() => onEdit(apiKey)}>
              Edit
            </Button>
            <TwoClicks
              words="Revoke"
              asking="Really revoke"
              title={`Nobody can use ${name} any more, at once and for ever.`}
              disabled={revoke.isPending}
              onConfirm={() => revoke.mutate()}
            />
          </div>
        )}
      </td>
    </tr>
  );
}

/** How long it is good, where that is not for ever. */
function KeyLife({ apiKey: { state, expiresAt, revokedAt } }: { apiKey: KeySummary }) {
  if (revokedAt !== null) return <div className={classes["life"]}>revoked {calendarDay(revokedAt)}</div>;
  if (expiresAt === null) return null;
  const words = state === "expired" ? "expired" : "until";
  return (
    <div className={classes["life"]} data-state={state}>
      {words} {calendarDay(expiresAt)}
    </div>
  );
}
