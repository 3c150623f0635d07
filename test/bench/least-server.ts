/**
 * The least that a server can be: one conversation at a time, and what the Agent SDK says handed on as it comes. It asks
 * nobody for a token, checks nothing and finds no session: what is between it and the Agent SDK is the way over HTTP to
 * another process, and what is between it and Lodge is Lodge. It answers what the benchmark's client asks of a server.
 */
import type { Options } from "@anthropic-ai/claude-agent-sdk";
import { serveParent } from "./child.ts";
import { SdkClient } from "./sdk-client.ts";

const options = JSON.parse(process.env["BENCH_SDK_OPTIONS"] ?? "{}") as Options;
let sdk: SdkClient | undefined;

const encoder = new TextEncoder();

function answer(conversation: SdkClient, text: string): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async start(stream) {
      for await (const message of conversation.messages(text)) {
        if (message.type !== "stream_event") continue;
        stream.enqueue(encoder.encode(`event: ${message.event.type}\ndata: ${JSON.stringify(message.event)}\n\n`));
      }
      stream.close();
    },
  });
}

async function end(): Promise<void> {
  await sdk?.[Symbol.asyncDispose]();
  sdk = undefined;
}

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  routes: {
    "/v1/messages": async (request) => {
      const { messages } = (await request.json()) as { messages: { content: string }[] };
      const source = sdk ? "warm" : "cold";
      sdk ??= SdkClient.start({ ...options, sessionId: crypto.randomUUID() });
      return new Response(answer(sdk, messages.at(-1)?.content ?? ""), {
        headers: {
          "content-type": "text/event-stream",
          "x-claude-session": "the-only-one",
          "x-lodge-session-source": source,
        },
      });
    },
    "/api/sessions/the-only-one/end": async () => {
      await end();
      return new Response();
    },
  },
});

serveParent({ url: `http://127.0.0.1:${server.port}` }, {}, async () => {
  await server.stop(true);
  await end();
});
