/** A client of a server under test: streams one turn and tells when its first words came. */
import { holdsWithin, now } from "./clock.ts";
import { modelName, type Prompt, systemPrompt } from "./prompt.ts";

/** Milliseconds after which a server that should have come to rest is taken for broken. */
const restLimitMs = 30_000;

/** Milliseconds after which a turn that has not ended is taken for lost. */
const turnLimitMs = 30_000;

export interface ClientMessage {
  role: "user" | "assistant";
  content: string;
}

export interface LodgeTurn {
  /** Milliseconds from the request to the first text delta. */
  ms: number;
  /** When the request was sent. */
  sentAt: number;
  source: string | null;
  session: string | null;
  /** The conversation with the turn in it. */
  messages: ClientMessage[];
}

interface Status {
  live_sessions: { id: string; state: string }[];
}

export class LodgeClient {
  readonly #url: string;
  readonly #headers: Record<string, string>;

  constructor({ url, token }: { url: string; token: string }) {
    this.#url = url;
    this.#headers = {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "x-claude-mode": "model",
    };
  }

  /** @param history what was said before, as a stateless client sends it along */
  async turn(history: readonly ClientMessage[], prompt: Prompt): Promise<LodgeTurn> {
    const messages: ClientMessage[] = [...history, { role: "user", content: prompt.text }];
    const sentAt = now();
    const response = await fetch(`${this.#url}/v1/messages`, {
      method: "POST",
      headers: this.#headers,
      body: JSON.stringify({ model: modelName, max_tokens: 1024, system: systemPrompt, messages, stream: true }),
      signal: AbortSignal.timeout(turnLimitMs),
    });
    if (!response.ok || !response.body) throw new Error(`status ${response.status}: ${await response.text()}`);
    const decoder = new TextDecoder();
    let body = "";
    let firstAt: number | undefined;
    for await (const chunk of response.body) {
      body += decoder.decode(chunk, { stream: true });
      if (firstAt === undefined && body.includes('"text_delta"')) firstAt = now();
    }
    const text = textOf(body);
    if (firstAt === undefined || text !== prompt.mark) throw new Error(`not the answer to ${prompt.mark}: ${body}`);
    return {
      ms: firstAt - sentAt,
      sentAt,
      source: response.headers.get("x-lodge-session-source"),
      session: response.headers.get("x-claude-session"),
      messages: [...messages, { role: "assistant", content: text }],
    };
  }

  /**
   * One request with a tool of the client's, to the end of its reply.
   *
   * @param messages in the shape of the Messages API
   */
  async ask(messages: readonly object[], tool: object): Promise<{ source: string | null; content: { id?: string }[] }> {
    const response = await fetch(`${this.#url}/v1/messages`, {
      method: "POST",
      headers: this.#headers,
      body: JSON.stringify({ model: modelName, max_tokens: 1024, system: systemPrompt, messages, tools: [tool] }),
      signal: AbortSignal.timeout(turnLimitMs),
    });
    if (!response.ok) throw new Error(`status ${response.status}: ${await response.text()}`);
    const { content } = (await response.json()) as { content: { id?: string }[] };
    return { source: response.headers.get("x-lodge-session-source"), content };
  }

  /** Ids of the sessions with a process that could take a turn. */
  async ready(): Promise<string[]> {
    return (await this.#status()).live_sessions.filter(({ state }) => state === "ready").map(({ id }) => id);
  }

  /** Ends a session's process. */
  async end(session: string): Promise<void> {
    const response = await fetch(`${this.#url}/api/sessions/${session}/end`, {
      method: "POST",
      headers: this.#headers,
    });
    if (!response.ok) throw new Error(`status ${response.status}: ${await response.text()}`);
  }

  /** Resolves when the server has no process left. */
  async empty(): Promise<void> {
    const gone = await holdsWithin(restLimitMs, async () => (await this.#status()).live_sessions.length === 0);
    if (!gone) throw new Error("the server keeps processes that should have been ended by its timer");
  }

  /** Resolves when the server is through with what it does beside its start, which is to build the dashboard. */
  async settled(): Promise<void> {
    const built = await holdsWithin(restLimitMs, async () => {
      const page = await fetch(this.#url);
      return !(await page.text()).includes("Building the dashboard");
    });
    if (!built) throw new Error("the server does not come to rest");
  }

  async #status(): Promise<Status> {
    const response = await fetch(`${this.#url}/status`, { headers: this.#headers });
    return (await response.json()) as Status;
  }
}

function textOf(body: string): string {
  let text = "";
  for (const line of body.split("\n")) {
    if (!line.startsWith("data: ")) continue;
    const event = JSON.parse(line.slice("data: ".length)) as { delta?: { type?: string; text?: string } };
    if (event.delta?.type === "text_delta") text += event.delta.text ?? "";
  }
  return text;
}
