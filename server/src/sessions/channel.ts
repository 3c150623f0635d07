/**
 * A bounded queue between one producer and one consumer. The producer waits when the consumer falls behind, so that a
 * slow reader holds up the writer instead of filling the memory.
 */

export class Channel<T> implements AsyncIterable<T> {
  readonly #items: T[] = [];
  readonly #capacity: number;
  #closed = false;
  #failure: { error: unknown } | undefined;
  #wakeConsumer: (() => void) | undefined;
  #wakeProducer: (() => void) | undefined;

  /** @param capacity items held before `push` waits */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Adds an item; resolves when there is room for another. After the end, items are dropped. */
  push(item: T): Promise<void> | undefined {
    if (this.#closed) return undefined;
    this.#items.push(item);
    this.#wakeConsumer?.();
    if (this.#items.length < this.#capacity) return undefined;
    return new Promise((resolve) => {
      this.#wakeProducer = resolve;
    });
  }

  /** No more items: the consumer ends after those already there. */
  close(): void {
    this.#closed = true;
    this.#wakeConsumer?.();
    this.#wakeProducer?.();
  }

  /** Like `close`, but the consumer ends with this error. */
  fail(error: unknown): void {
    if (this.#closed) return;
    this.#failure = { error };
    this.close();
  }

  /** May be called once. A consumer that stops early closes the channel. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    try {
      while (true) {
        while (this.#items.length > 0) {
          const item = this.#items.shift() as T;
          if (this.#items.length < this.#capacity) this.#wakeProducer?.();
          yield item;
        }
        if (this.#failure) throw this.#failure.error;
        if (this.#closed) return;
        await new Promise<void>((resolve) => {
          this.#wakeConsumer = resolve;
        });
        this.#wakeConsumer = undefined;
      }
    } finally {
      this.#items.length = 0;
      this.close();
    }
  }
}
