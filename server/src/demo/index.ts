import { realClock, type Clock } from "./clock.ts";
import { answer, surprise, type DemoRequest } from "./server.ts";

export type { Clock } from "./clock.ts";
export type { DemoRequest } from "./server.ts";

export interface DemoModel extends AsyncDisposable {
  /** Base URL, such as `http://127.0.0.1:4711`: the CLI's `ANTHROPIC_BASE_URL`. */
  readonly url: string;
  /** A key that the model takes; it takes any but `invalid`. */
  readonly apiKey: string;
  stop(): Promise<void>;
}

export interface DemoModelOptions {
  readonly hostname?: string;
  /** 0, the default, lets the system choose. */
  readonly port?: number;
  readonly clock?: Clock;
  /** Told of every well-formed request before it is answered. */
  readonly onRequest?: (request: DemoRequest) => void;
}

/**
 * A scripted Messages API on loopback.
 *
 * @example
 * await using model = await startDemoModel();
 * // ANTHROPIC_BASE_URL=model.url ANTHROPIC_API_KEY=model.apiKey claude -p "echo: hello"
 */
export async function startDemoModel(options: DemoModelOptions = {}): Promise<DemoModel> {
  const { hostname = "127.0.0.1", port = 0, clock = realClock, onRequest = () => {} } = options;
  const replies = new Set<AbortController>();

  const open = (request: Request): AbortController => {
    const reply = new AbortController();
    replies.add(reply);
    reply.signal.addEventListener("abort", () => replies.delete(reply), { once: true });
    request.signal.addEventListener("abort", () => reply.abort(), { once: true });
    return reply;
  };

  const server = Bun.serve({
    hostname,
    port,
    // A stalled or slow reply is quiet for longer than any default allows.
    idleTimeout: 0,
    fetch: (request) => answer(request, { clock, open, onRequest }),
    error: surprise,
  });

  const stop = async (): Promise<void> => {
    for (const reply of replies) reply.abort();
    await server.stop(true);
  };

  return {
    url: `http://${hostname}:${server.port}`,
    apiKey: "demo-key-which-opens-nothing",
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
