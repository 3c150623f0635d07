/** Which pages may open a socket: a browser lets any page try, and sends along whose it is. */

/** Without an `Origin` it is no browser. */
export function isAllowedOrigin(headers: Headers, allowed: readonly string[]): boolean {
  const origin = headers.get("origin");
  if (origin === null || allowed.includes(origin)) return true;
  // The server does not know by what scheme it is reached: what stands before it may speak TLS.
  return URL.parse(origin)?.host === headers.get("host");
}
