/** One answer to what was said: a request, and one more for each time that the model asks for the page's tools. */
import type { Change, Entry, Round } from "./conversation.ts";
import { type ChatSettings, requestOf } from "./request.ts";
import { send, type SendOptions } from "./send.ts";
import { answerCall } from "./tools.ts";

/** Times that the model may ask for tools before it has to be told to stop. */
const maxRounds = 10;

export async function answer(settings: ChatSettings, said: readonly Entry[], options: SendOptions): Promise<void> {
  const { onChange, now = () => performance.now() } = options;
  const startedAt = now();
  const rounds: Round[] = [];
  const tokens = new TokenSum();
  for (;;) {
    const sent = await send(settings.api, requestOf(settings, said, rounds), {
      ...options,
      startedAt,
      onChange: (change) => onChange(tokens.withEarlier(change)),
    });
    if (sent === null) return;
    if (sent.calls.length === 0) return onChange({ type: "over", state: "done" });
    if (rounds.length === maxRounds) {
      const error = `The model asked for tools ${maxRounds} times over; it was not asked again.`;
      return onChange({ type: "over", state: "failed", error });
    }
    const round = { text: sent.text, calls: sent.calls.map(answerCall) };
    rounds.push(round);
    tokens.nextRequest();
    onChange({ type: "round", round });
  }
}

/** Each request tells of its own tokens; the answer took those of all of them. */
class TokenSum {
  #earlier = { inputTokens: 0, outputTokens: 0 };
  #present = { inputTokens: 0, outputTokens: 0 };

  withEarlier(change: Change): Change {
    if (change.type !== "facts") return change;
    const { inputTokens, outputTokens } = change.facts;
    if (inputTokens !== undefined) this.#present.inputTokens = inputTokens;
    if (outputTokens !== undefined) this.#present.outputTokens = outputTokens;
    if (inputTokens === undefined && outputTokens === undefined) return change;
    return { type: "facts", facts: { ...change.facts, ...this.#sum() } };
  }

  nextRequest(): void {
    this.#earlier = this.#sum();
    this.#present = { inputTokens: 0, outputTokens: 0 };
  }

  #sum() {
    return {
      inputTokens: this.#earlier.inputTokens + this.#present.inputTokens,
      outputTokens: this.#earlier.outputTokens + this.#present.outputTokens,
    };
  }
}
