/**
 * The link that Lodge prints on start carries the token as `#token=…`: a fragment never leaves the browser, so it is in
 * no server's log and no referrer. It must not stay in the address bar, the history or a screenshot either.
 */

/** The token in a fragment, or null. */
export function tokenIn(fragment: string): string | null {
  for (const part of fragment.replace(/^#/, "").split("&")) {
    if (!part.startsWith("token=")) continue;
    return decoded(part.slice("token=".length)) || null;
  }
  return null;
}

/** Takes the token out of the address, whatever becomes of it afterwards. */
export function takeToken(
  location: Pick<Location, "hash" | "pathname" | "search">,
  history: Pick<History, "replaceState" | "state">,
): string | null {
  if (!/(^#|&)token=/.test(location.hash)) return null;
  const token = tokenIn(location.hash);
  history.replaceState(history.state, "", location.pathname + location.search);
  return token;
}

/** Not URLSearchParams: that would turn a `+` of the token into a space. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
