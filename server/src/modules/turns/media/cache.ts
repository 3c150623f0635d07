/**
 * What was fetched lately, by its URL. A stateless client sends the same URLs with every request of a conversation, and
 * those who forked one, or try again, ask for the same once more.
 */
import type { Clock } from "../../../sessions/clock.ts";

export interface Fetched {
  bytes: Uint8Array;
  /** Media type as its server told it; null when it did not. */
  declared: string | null;
}

export interface CacheLimits {
  entries: number;
  /** Bytes of all together. */
  bytes: number;
  /** Milliseconds since it was fetched: what is behind a URL may change. */
  ageMs: number;
}

export class MediaCache {
  readonly #limits: CacheLimits;
  readonly #clock: Clock;
  /** The one that was used longest ago first. */
  readonly #entries = new Map<string, Fetched & { at: number }>();
  #bytes = 0;

  constructor(limits: CacheLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  get(url: string): Fetched | undefined {
    const entry = this.#entries.get(url);
    if (!entry) return undefined;
    this.#delete(url);
    if (this.#clock.now() - entry.at > this.#limits.ageMs) return undefined;
    this.#add(url, entry);
    return entry;
  }

  set(url: string, fetched: Fetched): void {
    this.#delete(url);
    if (fetched.bytes.byteLength > this.#limits.bytes) return;
    this.#add(url, { ...fetched, at: this.#clock.now() });
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#limits.entries && this.#bytes <= this.#limits.bytes) return;
      this.#delete(oldest);
    }
  }

  #add(url: string, entry: Fetched & { at: number }): void {
    this.#entries.set(url, entry);
    this.#bytes += entry.bytes.byteLength;
  }

  #delete(url: string): void {
    this.#bytes -= this.#entries.get(url)?.bytes.byteLength ?? 0;
    this.#entries.delete(url);
  }
}
