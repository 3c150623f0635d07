/**
 * Requests that the server makes because somebody named a URL. A name is looked up once, its addresses are checked, and
 * the connection goes to an address that was checked, so that a name which changes its mind in between leads nowhere
 * else. Redirects start from the beginning. Size and time are bounded.
 */
import { isIP } from "node:net";
import { isPublicAddress } from "./addresses.ts";
import { OutgoingError } from "./errors.ts";
import {
  addressesOf,
  hostOf,
  type IsAllowed,
  parseTarget,
  requireAllowedLiteral,
  type Resolve,
  systemResolve,
} from "./target.ts";

export interface OutgoingOptions {
  /** Whether addresses may be asked that are not public: loopback, private, link-local. */
  allowPrivate: boolean;
  /** Which addresses are public; for tests that have no others than loopback. */
  isPublic?: IsAllowed;
  resolve?: Resolve;
  /** Certificates to trust beyond the system's. */
  ca?: string | undefined;
}

export interface OutgoingRequest {
  url: string;
  method?: "GET" | "POST";
  headers?: Record<string, string>;
  body?: string;
  /** Bytes of the reply's body, unpacked, beyond which it is an error; 0 does not look at the body. */
  maxBytes: number;
  /** Milliseconds for everything: looking up, connecting, redirects, the body. */
  timeoutMs: number;
  /** None by default: only a request that merely reads should go where it is sent. */
  maxRedirects?: number;
  signal?: AbortSignal | undefined;
}

export interface OutgoingReply {
  /** Where the reply came from in the end. */
  url: string;
  status: number;
  headers: Headers;
  body: Uint8Array;
}

/** Addresses of one name that are tried; more would only use up the time. */
const maxAddresses = 4;

export class Outgoing {
  readonly #isAllowed: IsAllowed;
  readonly #resolve: Resolve;
  readonly #ca: string | undefined;

  constructor({ allowPrivate, isPublic = isPublicAddress, resolve = systemResolve, ca }: OutgoingOptions) {
    this.#isAllowed = allowPrivate ? () => true : isPublic;
    this.#resolve = resolve;
    this.#ca = ca;
  }

  /**
   * Whether a URL could be asked as far as it can be told without asking anybody: for a refusal at once.
   *
   * @throws OutgoingError `invalid` or `refused`
   */
  check(url: string): void {
    requireAllowedLiteral(parseTarget(url), this.#isAllowed);
  }

  /** @throws OutgoingError for everything but a reply; any status is one */
  async fetch(request: OutgoingRequest): Promise<OutgoingReply> {
    const deadline = AbortSignal.timeout(request.timeoutMs);
    const signal = request.signal ? AbortSignal.any([deadline, request.signal]) : deadline;
    try {
      return await this.#follow(request, signal);
    } catch (cause) {
      if (deadline.aborted) {
        throw new OutgoingError("timeout", `There was no reply within ${request.timeoutMs / 1000} s.`, { cause });
      }
      if (request.signal?.aborted) throw new OutgoingError("aborted", "The request was given up.", { cause });
      if (cause instanceof OutgoingError) throw cause;
      throw new OutgoingError("unreachable", "The server behind the URL could not be reached.", { cause });
    }
  }

  async #follow(request: OutgoingRequest, signal: AbortSignal): Promise<OutgoingReply> {
    let url = parseTarget(request.url);
    for (let left = request.maxRedirects ?? 0; ; left--) {
      const response = await this.#ask(url, request, signal);
      const location = response.headers.get("location");
      if (left <= 0 || !isRedirect(response.status) || location === null) {
        const body = await readBody(response, request.maxBytes);
        return { url: url.href, status: response.status, headers: response.headers, body };
      }
      await response.body?.cancel();
      url = parseTarget(URL.parse(location, url.href)?.href ?? "");
    }
  }

  async #ask(url: URL, request: OutgoingRequest, signal: AbortSignal): Promise<Response> {
    const addresses = await unlessAborted(addressesOf(url, this.#resolve, this.#isAllowed), signal);
    let failure: unknown;
    for (const address of addresses.slice(0, maxAddresses)) {
      try {
        return await this.#askAt(address, url, request, signal);
      } catch (error) {
        // Only a connection that never was may be tried elsewhere: what has been sent has been sent.
        if (signal.aborted || !connectFailures.has(codeOf(error))) throw error;
        failure = error;
      }
    }
    throw failure;
  }

  #askAt(address: string, url: URL, request: OutgoingRequest, signal: AbortSignal): Promise<Response> {
    const pinned = new URL(url);
    pinned.hostname = address.includes(":") ? `[${address}]` : address;
    const host = hostOf(url);
    return fetch(pinned.href, {
      method: request.method ?? "GET",
      ...(request.body === undefined ? {} : { body: request.body }),
      headers: { "user-agent": "lodge", ...request.headers, host: url.host },
      redirect: "manual",
      // A connection is never shared with a request for another name at the same address.
      keepalive: false,
      signal,
      tls: {
        // The certificate is checked against the name that was asked for, not against the address.
        ...(isIP(host) === 0 ? { serverName: host.replace(/\.$/, "") } : {}),
        ...(this.#ca === undefined ? {} : { ca: this.#ca }),
      },
    });
  }
}

/** Bun's names for a connection that was never made. */
const connectFailures = new Set(["ConnectionRefused", "FailedToOpenSocket", "ECONNREFUSED", "EHOSTUNREACH"]);
const codeOf = (error: unknown): string => (error as { code?: string } | null)?.code ?? "";

const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status);

async function readBody(response: Response, maxBytes: number): Promise<Uint8Array> {
  if (maxBytes === 0) {
    await response.body?.cancel();
    return new Uint8Array();
  }
  const tooLarge = () => new OutgoingError("too_large", `The reply is larger than the limit of ${maxBytes} bytes.`);
  if (Number(response.headers.get("content-length") ?? 0) > maxBytes) {
    await response.body?.cancel();
    throw tooLarge();
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    // Leaving the loop closes the connection.
    if (size > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Looking up a name cannot be called off, only no longer be waited for. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const giveUp = () => reject(signal.reason as Error);
  if (signal.aborted) giveUp();
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}
