/**
 * The CLI's own signals: it calls here, on loopback, when it has taken a prompt, wants a tool allowed, or has ended a
 * turn. One listener a process; what calls it must know a secret that stands in a private file only.
 */
import { timingSafeEqual } from "node:crypto";
import { z } from "zod";

const common = { session_id: z.string(), transcript_path: z.string().optional() };

/** The fields that are used here, of what the CLI sends. */
const HookCall = z.discriminatedUnion("hook_event_name", [
  z.object({
    ...common,
    hook_event_name: z.literal("UserPromptSubmit"),
    prompt: z.string(),
    prompt_id: z.string().optional(),
  }),
  z.object({
    ...common,
    hook_event_name: z.literal("PreToolUse"),
    tool_name: z.string(),
    tool_input: z.unknown(),
    tool_use_id: z.string(),
  }),
  z.object({
    ...common,
    hook_event_name: z.literal("PermissionRequest"),
    tool_name: z.string(),
    tool_input: z.record(z.string(), z.unknown()),
  }),
  z.object({ ...common, hook_event_name: z.literal("Stop"), last_assistant_message: z.string().optional() }),
  z.object({
    ...common,
    hook_event_name: z.literal("StopFailure"),
    error: z.string(),
    last_assistant_message: z.string().optional(),
  }),
]);
export type HookCall = z.infer<typeof HookCall>;

const hookNames = ["UserPromptSubmit", "PreToolUse", "PermissionRequest", "Stop", "StopFailure"] as const;

/** Seconds that the CLI waits for an answer: as long as a person may take to decide. */
const hookTimeout = 7 * 24 * 3600;

/** Answers a call: an object for the CLI, or null when there is nothing to say. */
export type OnHook = (call: HookCall, signal: AbortSignal) => object | null | Promise<object | null>;

export class HookListener implements AsyncDisposable {
  readonly #server: Bun.Server<undefined>;
  readonly #secret = `Bearer ${crypto.randomUUID()}${crypto.randomUUID()}`;

  constructor(onHook: OnHook) {
    this.#server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      // A permission may wait for its answer for long.
      idleTimeout: 0,
      fetch: async (request) => {
        if (!this.#knows(request.headers.get("authorization"))) return new Response(null, { status: 401 });
        const call = HookCall.safeParse(await request.json().catch(() => null));
        const answer = call.success ? await onHook(call.data, request.signal) : null;
        // An empty answer leaves no trace in the transcript; an object does.
        return answer ? Response.json(answer) : new Response(null);
      },
      error: () => new Response(null, { status: 500 }),
    });
  }

  /** For the CLI's settings, by the name of the hook. The secret goes in a header: addresses of hooks end up in transcripts. */
  get settings(): Record<string, object[]> {
    const hook = {
      type: "http",
      url: `http://127.0.0.1:${this.#server.port}/`,
      timeout: hookTimeout,
      headers: { Authorization: this.#secret },
    };
    return Object.fromEntries(hookNames.map((name) => [name, [{ hooks: [hook] }]]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop(true);
  }

  #knows(given: string | null): boolean {
    const [a, b] = [Buffer.from(given ?? ""), Buffer.from(this.#secret)];
    return a.length === b.length && timingSafeEqual(a, b);
  }
}
