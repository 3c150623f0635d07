/**
 * How long the model waits for the result of a tool that the client runs: from the request that brings it to the request
 * that the model gets. Beside it the same with the SDK driven directly, from the moment at which its own tool returns.
 */
import { createSdkMcpServer, tool } from "@anthropic-ai/claude-agent-sdk";
import { serverName } from "../../../server/src/sessions/client-tools/names.ts";
import type { Bed } from "../bed.ts";
import { holdsWithin, now } from "../clock.ts";
import type { LodgeClient } from "../lodge-client.ts";
import { SdkClient } from "../sdk-client.ts";

/** Milliseconds within which the model must have been asked. */
const arrivalLimitMs = 30_000;
/** Milliseconds for which a call is held: the CLI is at rest then. */
const heldMs = 150;

const look = { name: "look", description: "Looks.", input_schema: { type: "object", properties: {} } };
const prompt = "tool: look {}";

/** Milliseconds of each. */
export interface ToolResultsReport {
  lodge: number[];
  sdk: number[];
}

export async function measureToolResults(bed: Bed, server: LodgeClient, calls: number): Promise<ToolResultsReport> {
  const report: ToolResultsReport = { lodge: [], sdk: [] };
  await using sdk = new DirectTool(bed);
  const lodge = new LodgeTool(server);
  // The first of each starts a process, which is not what is measured.
  for (let call = 0; call <= calls; call++) {
    for (const [way, answer] of [
      ["lodge", lodge],
      ["sdk", sdk],
    ] as const) {
      const { mark } = bed.prompt();
      const sentAt = await answer.once(mark);
      const ms = (await arrival(bed, mark)) - sentAt;
      if (call > 0) report[way].push(ms);
    }
  }
  return report;
}

async function arrival(bed: Bed, mark: string): Promise<number> {
  let at: number | undefined;
  await holdsWithin(arrivalLimitMs, async () => (at = await bed.arrivalOf(mark)) !== undefined);
  if (at === undefined) throw new Error("the model was not asked with the tool's result");
  return at;
}

/** A conversation by HTTP, whose calls are held between two requests. */
class LodgeTool {
  readonly #server: LodgeClient;
  #messages: object[] = [];

  constructor(server: LodgeClient) {
    this.#server = server;
  }

  /** Resolves with the moment at which the result was sent. */
  async once(mark: string): Promise<number> {
    const asked = [...this.#messages, { role: "user", content: prompt }];
    const call = await this.#server.ask(asked, look);
    await Bun.sleep(heldMs);
    const result = { type: "tool_result", tool_use_id: call.content.at(-1)?.id, content: mark };
    const answered = [...asked, { role: "assistant", content: call.content }, { role: "user", content: [result] }];
    const sentAt = now();
    const { source, content } = await this.#server.ask(answered, look);
    if (source !== "warm") throw new Error(`a result for a call that is held came to a session that was ${source}`);
    this.#messages = [...answered, { role: "assistant", content }];
    return sentAt;
  }
}

/** The SDK with a tool of its own in this process. */
class DirectTool implements AsyncDisposable {
  readonly #client: SdkClient;
  #called = Promise.withResolvers<void>();
  #result = Promise.withResolvers<string>();

  constructor(bed: Bed) {
    const answer = async () => {
      this.#called.resolve();
      return { content: [{ type: "text" as const, text: await this.#result.promise }] };
    };
    const tools = [tool(look.name, look.description, {}, answer, { annotations: { readOnlyHint: true } })];
    const server = createSdkMcpServer({ name: serverName, version: "1", tools, alwaysLoad: true });
    this.#client = SdkClient.start({ ...bed.sdkOptions(), mcpServers: { [serverName]: server } });
  }

  /** Resolves with the moment at which the tool returned. */
  async once(mark: string): Promise<number> {
    this.#called = Promise.withResolvers();
    this.#result = Promise.withResolvers();
    const turn = this.#client.run(prompt);
    await Promise.race([this.#called.promise, turn.then(() => Promise.reject(new Error("the tool was not called")))]);
    await Bun.sleep(heldMs);
    const sentAt = now();
    this.#result.resolve(mark);
    await turn;
    return sentAt;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#client[Symbol.asyncDispose]();
  }
}
