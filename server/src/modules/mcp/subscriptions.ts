/**
 * The files that a client of one session wants to hear of. Each is looked at now and then, as the dashboard does it, and
 * what is told is that it changed: the client reads it when it cares.
 */
import { ErrorCode, McpError } from "@modelcontextprotocol/sdk/types.js";
import { AccessError } from "../../auth/errors.ts";
import type { Clock } from "../../sessions/clock.ts";
import { WorkspaceError } from "../../workspaces/errors.ts";
import { isChanged, lookMs, nothingSeen, type Seen } from "../../workspaces/files/changes.ts";

/** Files of one session. A look at one takes some 0.2 ms, so that a session takes a hundredth of a core at most. */
const maxFiles = 32;

export interface SubscriptionParts {
  /** Which version of a file there is now. */
  look: (path: string) => Promise<Seen>;
  /** Told the address of a file that is another by now, or gone, or there at last. */
  tell: (uri: string) => void;
  clock: Clock;
  /** Told of failures that nobody expected. */
  onUnexpected: (error: unknown) => void;
}

interface Subscription {
  path: string;
  /** Null until the first look is over. */
  seen: Seen | null;
}

export class Subscriptions implements Disposable {
  readonly #parts: SubscriptionParts;
  readonly #byUri = new Map<string, Subscription>();
  #timer: Disposable | undefined;
  #over = false;

  constructor(parts: SubscriptionParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#byUri.size;
  }

  /**
   * From when this resolves on, no change is missed.
   *
   * @throws McpError for too many, and whatever a look does
   */
  async add(uri: string, path: string): Promise<void> {
    if (this.#byUri.has(uri)) return;
    if (this.#byUri.size >= maxFiles) {
      throw new McpError(ErrorCode.InvalidRequest, `A session hears of ${maxFiles} files at most.`);
    }
    const subscription: Subscription = { path, seen: null };
    this.#byUri.set(uri, subscription);
    try {
      subscription.seen = await this.#parts.look(path);
    } catch (error) {
      this.#byUri.delete(uri);
      throw error;
    }
    this.#wait();
  }

  remove(uri: string): void {
    this.#byUri.delete(uri);
  }

  [Symbol.dispose](): void {
    this.#over = true;
    this.#byUri.clear();
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }

  #wait(): void {
    if (this.#over || this.#byUri.size === 0) return;
    this.#timer ??= this.#parts.clock.after(lookMs, () => void this.#round());
  }

  async #round(): Promise<void> {
    for (const [uri, subscription] of this.#byUri) {
      const was = subscription.seen;
      if (was === null) continue;
      const is = await this.#look(subscription.path);
      // Given up meanwhile, perhaps to be asked for anew.
      if (this.#byUri.get(uri) !== subscription) continue;
      if (is === null) {
        this.#byUri.delete(uri);
        continue;
      }
      subscription.seen = is;
      if (isChanged(was, is)) this.#parts.tell(uri);
    }
    this.#timer = undefined;
    this.#wait();
  }

  /** Null for what the client may not know of any more. */
  async #look(path: string): Promise<Seen | null> {
    try {
      return await this.#parts.look(path);
    } catch (error) {
      if (error instanceof WorkspaceError) return nothingSeen;
      if (!(error instanceof AccessError)) this.#parts.onUnexpected(error);
      return null;
    }
  }
}
