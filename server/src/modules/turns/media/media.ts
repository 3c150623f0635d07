/**
 * Fetches what a conversation has only URLs of, as any address that somebody else names is fetched: with `Outgoing`, which
 * looks a name up once, asks nobody in private, and does so again at every redirect. No cookie and no token goes with it.
 */
import { ApiError } from "../../../http/errors.ts";
import { OutgoingError } from "../../../net/errors.ts";
import type { Outgoing } from "../../../net/outgoing.ts";
import type { Clock } from "../../../sessions/clock.ts";
import { type DocumentBlock, type ImageBlock, type Message, SessionError } from "../../../sessions/index.ts";
import { fetchedBlock, maxDocument, maxImageBytes, wrong } from "./blocks.ts";
import { type CacheLimits, type Fetched, MediaCache } from "./cache.ts";
import { replaceMedia, unfetchedIn } from "./walk.ts";

export interface MediaLimits extends CacheLimits {
  /** Different URLs in one request: as many images as the Messages API takes. */
  urls: number;
  /** Bytes that one request has fetched. */
  requestBytes: number;
  /** Fetched at one time for one request. */
  atOnce: number;
  /** Milliseconds for one of them, redirects and all. */
  timeoutMs: number;
  redirects: number;
}

const defaults: MediaLimits = {
  entries: 500,
  bytes: 64 * 1024 * 1024,
  ageMs: 10 * 60_000,
  urls: 100,
  requestBytes: maxDocument,
  atOnce: 4,
  timeoutMs: 30_000,
  redirects: 5,
};

const accept = "image/png, image/jpeg, image/gif, image/webp, application/pdf, text/*;q=0.5, */*;q=0.1";

type Block = ImageBlock | DocumentBlock;

export class Media {
  readonly #outgoing: Pick<Outgoing, "fetch">;
  readonly #limits: MediaLimits;
  readonly #cache: MediaCache;

  constructor(outgoing: Pick<Outgoing, "fetch">, clock: Clock, limits: Partial<MediaLimits> = {}) {
    this.#outgoing = outgoing;
    this.#limits = { ...defaults, ...limits };
    this.#cache = new MediaCache(this.#limits, clock);
  }

  /**
   * What a turn needs at once: all that was said since the assistant last spoke. What came before, a session may well know.
   *
   * @throws ApiError that names the field; SessionError `aborted`
   */
  async ofInput(messages: readonly Message[], signal: AbortSignal): Promise<Message[]> {
    const from = messages.findLastIndex(({ role }) => role === "assistant") + 1;
    return [...messages.slice(0, from), ...(await this.ofAll(messages.slice(from), signal))];
  }

  /** @throws ApiError that names the field; SessionError `aborted` */
  async ofAll(messages: readonly Message[], signal: AbortSignal): Promise<Message[]> {
    const wanted = new Map<string, Block>();
    for (const { url, block } of unfetchedIn(messages)) if (!wanted.has(url)) wanted.set(url, block);
    if (wanted.size === 0) return [...messages];
    const { urls } = this.#limits;
    const beyond = [...wanted.values()][urls]?.source;
    if (beyond?.type === "url")
      throw wrong(beyond.field, `there are ${wanted.size} different URLs; at most ${urls} are fetched`);
    const fetched = await this.#fetchEach(wanted, signal);
    return replaceMedia(messages, (block) => {
      if (block.source.type !== "url") return block;
      const { url, field } = block.source;
      const found = fetched.get(url);
      if (!found) throw new Error("what was asked for was fetched");
      const { title, context } = block.type === "document" ? block : {};
      const made = fetchedBlock(found.bytes, found.declared, { slot: block.type, field, title });
      return made.type === "document" && context !== undefined ? { ...made, context, url } : { ...made, url };
    });
  }

  async #fetchEach(wanted: ReadonlyMap<string, Block>, signal: AbortSignal): Promise<ReadonlyMap<string, Fetched>> {
    const { requestBytes, atOnce } = this.#limits;
    const fetched = new Map<string, Fetched>();
    const failed = new AbortController();
    const until = AbortSignal.any([signal, failed.signal]);
    const waiting = [...wanted].values();
    let bytes = 0;
    const work = async (): Promise<void> => {
      for (const [url, { type, source }] of waiting) {
        const field = source.type === "url" ? source.field : "messages";
        const found = this.#cache.get(url) ?? (await this.#fetch(url, type, field, until));
        bytes += found.bytes.byteLength;
        if (bytes > requestBytes) {
          throw wrong(
            field,
            `with it, what the URLs hold is more than the ${requestBytes} bytes that one request may have`,
          );
        }
        fetched.set(url, found);
      }
    };
    try {
      await Promise.all(Array.from({ length: atOnce }, work));
    } catch (error) {
      // The others are of no use any more.
      failed.abort();
      throw error;
    }
    return fetched;
  }

  async #fetch(url: string, slot: Block["type"], field: string, signal: AbortSignal): Promise<Fetched> {
    const { timeoutMs, redirects } = this.#limits;
    const maxBytes = slot === "image" ? maxImageBytes : maxDocument;
    try {
      const reply = await this.#outgoing.fetch({
        url,
        headers: { accept },
        maxBytes,
        timeoutMs,
        maxRedirects: redirects,
        signal,
      });
      if (reply.status >= 300 && reply.status < 400 && reply.headers.has("location")) {
        throw notFetched(field, `It redirects more than ${redirects} times.`);
      }
      if (reply.status !== 200) throw notFetched(field, `Its server answered ${reply.status}.`);
      const found = { bytes: reply.body, declared: reply.headers.get("content-type") };
      this.#cache.set(url, found);
      return found;
    } catch (error) {
      if (!(error instanceof OutgoingError)) throw error;
      if (error.kind === "aborted") throw new SessionError("aborted", "The client went away.", { cause: error });
      throw notFetched(field, error.message, error);
    }
  }
}

function notFetched(field: string, why: string, cause?: unknown): ApiError {
  const message = `${field}: the URL could not be fetched. ${why} What this server cannot reach can be sent as base64.`;
  return new ApiError("invalid_request", message, { param: field, cause });
}
