/** Who asks, and what they may: whoever has the server's own token everything, whoever has a key what the key is for. */
import type { KeyScope } from "@lodge/shared";
import { AccessError } from "./errors.ts";
import { Reach } from "./reach.ts";

export interface Caller {
  /** Id of the key; null for the server's own token. What is made with it belongs to it. */
  readonly owner: string | null;
  /** For whoever reads the audit. */
  readonly name: string;
  readonly reach: Reach;
  /** Whether it has one of these scopes. */
  may(scopes: readonly KeyScope[]): boolean;
  /** Whether something that was made by an owner is the caller's to see and to go on with. */
  owns(owner: string | null): boolean;
  /** @throws AccessError `spend_reached`, `key_invalid` when it was revoked meanwhile */
  requireFunds(): void;
}

/** The server's own token, and whoever is logged in with it. */
export const root: Caller = {
  owner: null,
  name: "server token",
  reach: new Reach(null),
  may: () => true,
  owns: () => true,
  requireFunds: () => {},
};

/** @throws AccessError `scope_missing`, which names it */
export function requireScope(caller: Caller, scopes: readonly KeyScope[]): void {
  if (caller.may(scopes)) return;
  const names = scopes.map((scope) => `\`${scope}\``).join(" or ");
  throw new AccessError("scope_missing", `This needs a key with the scope ${names}, which yours does not have.`);
}

/**
 * For something that was made once, in a workspace that may have become foreign since.
 *
 * @param what such as `The job`
 * @throws AccessError `owner_foreign`, `workspace_foreign`
 */
export function requireOwn(
  caller: Caller,
  { owner, workspace }: { owner: string | null; workspace?: string },
  what: string,
): void {
  if (!caller.owns(owner)) throw new AccessError("owner_foreign", `${what} belongs to another API key.`);
  if (workspace !== undefined) caller.reach.require(workspace, what);
}
