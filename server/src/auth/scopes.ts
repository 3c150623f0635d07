/** Which scope an address needs. What it then touches, a workspace or a session, is checked where that is known. */
import type { KeyScope } from "@lodge/shared";

/** `any`: every key that is good. Of several scopes one is enough. */
export type Needed = "any" | readonly KeyScope[];

/** A rule without a method is for all of them; the first that fits counts. */
const rules: readonly [pattern: RegExp, needed: Needed, method?: string][] = [
  [/^\/(v1|openai)(\/|$)/, ["api"]],
  [/^\/files(\/|$)/, ["files"]],
  [/^\/(run|execute|jobs)(\/|$)/, ["jobs"]],
  // Each tool asks for its own.
  [/^\/mcp(\/|$)/, ["files", "jobs"]],
  [/^\/api\/terminals(\/|$)/, ["terminals", "admin"]],
  // To find a session and to steer it. What was said in it, and its deletion, are for the dashboard.
  [/^\/api\/sessions(\/[^/]+)?\/?$/, ["terminals", "admin"], "GET"],
  [/^\/api\/sessions\/[^/]+\/(answers|interrupt|end|restart)$/, ["terminals", "admin"], "POST"],
  // A browser that is logged in with a key must be able to leave.
  [/^\/api\/logout$/, "any"],
  [/^\/api(\/|$)/, ["admin"]],
  // What the server is doing, as far as it is the key's own, and the description of the API.
  [/^\/(status|swagger)(\/|$)/, "any"],
];

export function scopesOf(method: string, pathname: string): Needed {
  const rule = rules.find(([pattern, , only]) => pattern.test(pathname) && (only === undefined || only === method));
  // What nobody thought of is for those who may do everything.
  return rule?.[1] ?? ["admin"];
}

/** The session that an address of the dashboard's API is about, if it is about one. */
export function sessionOf(pathname: string): string | null {
  return (
    /^\/api\/(?:sessions|terminals)\/([0-9a-f]{8}-[0-9a-f-]{27})(?:\/|$)/i.exec(pathname)?.[1]?.toLowerCase() ?? null
  );
}
