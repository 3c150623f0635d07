/**
 * The least that a server can be: one process, one conversation, what the Agent SDK says handed on as it comes. It asks
 * nobody for a token, checks nothing and finds no session: what is between it and the Agent SDK is the way over HTTP to
 * another process, and what is between it and Lodge is Lodge.
 */
import type { Options } from "@anthropic-ai/claude-agent-sdk";
import { serveParent } from "./child.ts";
import { SdkClient } from "./sdk-client.ts";

const sdk = SdkClient.start(JSON.parse(process.env["BENCH_SDK_OPTIONS"] ?? "{}") as Options);

const encoder = new TextEncoder();

function answer(text: string): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async start(stream) {
      for await (const message of sdk.messages(text)) {
        if (message.type !== "stream_event") continue;
        stream.enqueue(encoder.encode(`event: ${message.event.type}\ndata: ${JSON.stringify(message.event)}\n\n`));
      }
      stream.close();
    },
  });
}

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  async fetch(request) {
    const { messages } = (await request.json()) as { messages: { content: string }[] };
    return new Response(answer(messages.at(-1)?.content ?? ""), { headers: { "content-type": "text/event-stream" } });
  },
});

serveParent({ url: `http://127.0.0.1:${server.port}` }, {}, async () => {
  await server.stop(true);
  await sdk[Symbol.asyncDispose]();
});
