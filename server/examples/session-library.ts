/**
 * The session library without the server: a conversation of three turns, the second and third on the process that the
 * first one left warm. Run it with the account that the claude CLI is logged in to, or with the scripted model:
 *
 *     bun server/examples/session-library.ts
 *     bun server/examples/session-library.ts --demo
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startDemoModel } from "@lodge/server/demo";
import { createSessions, type Message, Reply, type SessionsOptions } from "@lodge/server/sessions";

await using stack = new AsyncDisposableStack();
const folder = stack.adopt(mkdtempSync(join(tmpdir(), "lodge-example-")), (path) =>
  rmSync(path, { recursive: true, force: true }),
);
const sessions = stack.use(createSessions(process.argv.includes("--demo") ? await demoAccount() : {}));

const messages: Message[] = [];
for (const text of ["echo: Hello from the library", "turns", "recall"]) {
  messages.push({ role: "user", content: [{ type: "text", text }] });
  const turn = await sessions.start({ messages, launch: { mode: "model", cwd: folder } });
  const reply = new Reply();
  process.stdout.write(`you: ${text}\nclaude (${turn.source}): `);
  for await (const event of turn.events) {
    reply.push(event);
    if (event.type === "block_delta" && event.delta.type === "text") process.stdout.write(event.delta.text);
    if (event.type === "result") process.stdout.write(`\n  ${event.usage.outputTokens} tokens, $${event.costUsd}\n`);
  }
  messages.push({ role: "assistant", content: reply.content });
}

async function demoAccount(): Promise<SessionsOptions> {
  const model = stack.use(await startDemoModel());
  return {
    inheritAccount: false,
    env: {
      HOME: folder,
      CLAUDE_CONFIG_DIR: join(folder, "claude"),
      ANTHROPIC_BASE_URL: model.url,
      ANTHROPIC_API_KEY: model.apiKey,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    },
  };
}
