/** From an address on the web to the IP addresses behind it, looked up once and all of them checked. */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { OutgoingError } from "./errors.ts";

/** Characters; what browsers and servers in use take. */
const maxUrlLength = 8192;

/** Whether an address may be asked. */
export type IsAllowed = (address: string) => boolean;

/** The addresses of a host name. */
export type Resolve = (hostname: string) => Promise<readonly string[]>;

export const systemResolve: Resolve = async (hostname) => {
  const found = await lookup(hostname, { all: true, verbatim: true });
  return found.map(({ address }) => address);
};

/**
 * The parser makes one spelling of all: `0x7f.1` and `2130706433` come out as `127.0.0.1`.
 *
 * @throws OutgoingError `invalid` for what is no plain address on the web
 */
export function parseTarget(text: string): URL {
  if (text.length > maxUrlLength) throw new OutgoingError("invalid", "The URL is too long.");
  const url = URL.parse(text);
  if (!url) throw new OutgoingError("invalid", "That is not a URL.");
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new OutgoingError("invalid", "Only http and https URLs can be asked.");
  }
  if (url.username !== "" || url.password !== "") {
    throw new OutgoingError("invalid", "A URL with a user name or a password in it is not asked.");
  }
  url.hash = "";
  return url;
}

/** Without the brackets that a URL puts around an IPv6 address. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[(.*)\]$/, "$1");

/** @throws OutgoingError `refused` when the address itself may not be asked; a name is not looked up */
export function requireAllowedLiteral(url: URL, isAllowed: IsAllowed): void {
  const host = hostOf(url);
  const isLocal = /(^|\.)localhost\.?$/.test(host);
  const address = isLocal ? "127.0.0.1" : host;
  if (isIP(address) !== 0 && !isAllowed(address)) throw refused();
}

/**
 * One address that may not be asked refuses the name: which of them would be used is not for its owner to choose.
 *
 * @throws OutgoingError `refused`, or `unreachable` when the name leads nowhere
 */
export async function addressesOf(url: URL, resolve: Resolve, isAllowed: IsAllowed): Promise<readonly string[]> {
  const host = hostOf(url);
  const addresses = isIP(host) !== 0 ? [host] : await lookUp(host, resolve);
  if (!addresses.every(isAllowed)) throw refused();
  return addresses;
}

async function lookUp(host: string, resolve: Resolve): Promise<readonly string[]> {
  const addresses = await resolve(host).catch((cause: unknown) => {
    throw new OutgoingError("unreachable", `The name ${host} could not be looked up.`, { cause });
  });
  if (addresses.length > 0) return addresses;
  throw new OutgoingError("unreachable", `The name ${host} leads to no address.`);
}

const refused = () =>
  new OutgoingError(
    "refused",
    "The URL leads to an address that is not public. The operator can allow that with LODGE_PRIVATE_ADDRESSES=yes.",
  );
