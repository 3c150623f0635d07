/**
 * A stand-in for the CLI's process that answers almost at once: it speaks as much of the Agent SDK's protocol as a turn
 * needs. The real one's own time goes up and down by more than a server adds; without it, what the server adds can be
 * seen. As with the real one, the turn is taken a little before its first words come, and ends a little after.
 */
import { createInterface } from "node:readline";

interface Incoming {
  type: string;
  request_id?: string;
  message?: { content: { text?: string }[] };
}

/** Milliseconds between the parts of a turn. */
const stepMs = 3;

const session_id = process.argv[process.argv.indexOf("--session-id") + 1] ?? crypto.randomUUID();
const usage = { input_tokens: 1, output_tokens: 1 };
const event = (told: object) => ({ type: "stream_event", parent_tool_use_id: null, event: told });

for await (const line of createInterface({ input: process.stdin })) {
  const incoming = JSON.parse(line) as Incoming;
  if (incoming.type === "control_request") send(agreed(incoming.request_id));
  if (incoming.type !== "user") continue;
  const [taken = {}, start = {}, open = {}, words = {}, ...rest] = turn(
    incoming.message?.content.at(-1)?.text?.replace("echo: ", "") ?? "",
  );
  for (const part of [[taken], [start, open, words], rest]) {
    send(...part);
    await Bun.sleep(stepMs);
  }
}

function agreed(request_id: string | undefined): object {
  const response = { commands: [], agents: [], models: [], account: {}, output_style: "", available_output_styles: [] };
  return { type: "control_response", response: { subtype: "success", request_id, response } };
}

/** What the real one says in a turn of one text block, in its order. */
function turn(text: string): object[] {
  const message = { id: `msg_${crypto.randomUUID()}`, type: "message", role: "assistant", model: "instant" };
  const stopped = { stop_reason: "end_turn", stop_sequence: null };
  const messages: object[] = [
    { type: "system", subtype: "init", model: "instant", tools: [] },
    event({ type: "message_start", message: { ...message, content: [], usage } }),
    event({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }),
    event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } }),
    { type: "assistant", parent_tool_use_id: null, message: { ...message, content: [{ type: "text", text }], usage } },
    event({ type: "content_block_stop", index: 0 }),
    event({ type: "message_delta", delta: stopped, usage }),
    event({ type: "message_stop" }),
    {
      type: "result",
      subtype: "success",
      is_error: false,
      result: text,
      ...stopped,
      usage,
      total_cost_usd: 0,
      duration_ms: 0,
      num_turns: 1,
    },
  ];
  return messages.map((told) => ({ ...told, session_id, uuid: crypto.randomUUID() }));
}

function send(...messages: object[]): void {
  process.stdout.write(messages.map((message) => `${JSON.stringify(message)}\n`).join(""));
}
