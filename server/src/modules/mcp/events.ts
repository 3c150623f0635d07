/** What was sent on a session's streams, so that a client whose line broke gets the rest: the latest, in memory. */
import type { EventStore } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";

/** Messages and characters kept of one session; the oldest go first. */
const maxMessages = 2000;
const maxCharacters = 4 * 1024 * 1024;

export class RecentEvents implements EventStore {
  readonly #events: { id: string; stream: string; message: JSONRPCMessage; size: number }[] = [];
  #size = 0;
  #count = 0;

  async storeEvent(stream: string, message: JSONRPCMessage): Promise<string> {
    const id = `${stream}_${++this.#count}`;
    const size = JSON.stringify(message).length;
    this.#events.push({ id, stream, message, size });
    this.#size += size;
    while (this.#events.length > maxMessages || (this.#size > maxCharacters && this.#events.length > 1)) {
      this.#size -= this.#events.shift()?.size ?? 0;
    }
    return id;
  }

  async getStreamIdForEventId(id: string): Promise<string | undefined> {
    return this.#events.find((event) => event.id === id)?.stream;
  }

  /** @throws when the event is not kept any more: what came after it cannot be told from what is lost */
  async replayEventsAfter(
    lastId: string,
    { send }: { send: (id: string, message: JSONRPCMessage) => Promise<void> },
  ): Promise<string> {
    const at = this.#events.findIndex((event) => event.id === lastId);
    const last = this.#events[at];
    if (last === undefined) throw new Error("That event is not kept any more.");
    for (const { id, stream, message } of this.#events.slice(at + 1)) {
      if (stream === last.stream) await send(id, message);
    }
    return last.stream;
  }
}
