/**
 * A further turn of a conversation that has a live process, by HTTP and by the Agent SDK directly: they are taken turn
 * by turn, each on a process that is new in each round and has had one turn and then rest. Once with the real CLI, which
 * is then as old as that of a conversation that somebody reads: it compiles less in its first ten seconds, and its turns
 * take some milliseconds longer; there a server that does nothing else is beside them, which is what any server adds to
 * the SDK, whoever wrote it. And once with a stand-in that answers at once.
 */
import type { Bed } from "../bed.ts";
import type { ClientMessage, LodgeClient } from "../lodge-client.ts";
import type { Measure } from "../measure.ts";
import { SdkClient } from "../sdk-client.ts";

const what = {
  "lodge-warm": "Lodge, warm turn",
  "lodge-instant": "Lodge, warm turn, a CLI that answers at once",
  "least-server": "The SDK behind a server that does nothing else",
};

export function serverWarm(bed: Bed, server: LodgeClient, id: keyof typeof what): Measure {
  let messages: ClientMessage[] = [];
  let session: string | null = null;
  return {
    id,
    what: what[id],
    async prepare() {
      ({ messages, session } = await server.turn([], bed.prompt()));
    },
    async take() {
      const prompt = bed.prompt();
      const turn = await server.turn(messages, prompt);
      if (turn.source !== "warm") throw new Error(`a turn that should be warm was ${turn.source}`);
      messages = turn.messages;
      return { ...turn, mark: prompt.mark };
    },
    async end() {
      if (session !== null) await server.end(session);
      session = null;
    },
  };
}

/**
 * Conversations that nobody measures, so that the server is one that has been at work for a while: its code is compiled
 * bit by bit, and its turns take some milliseconds less after several hundred of them.
 */
export async function putToWork(bed: Bed, server: LodgeClient, conversations: number): Promise<void> {
  for (let conversation = 1; conversation <= conversations; conversation++) {
    let messages: ClientMessage[] = [];
    let session: string | null = null;
    for (let turn = 1; turn <= 20; turn++) ({ messages, session } = await server.turn(messages, bed.prompt()));
    if (session !== null) await server.end(session);
  }
}

/** @param onLive told of each process once it has had its turns */
export function sdkWarm(
  bed: Bed,
  id: "sdk-warm" | "sdk-instant",
  onLive: (pid: number) => Promise<void> = async () => {},
): Measure {
  let client: SdkClient | undefined;
  return {
    id,
    what: id === "sdk-warm" ? "SDK query(), further turn of a live process" : "SDK query(), a CLI that answers at once",
    async prepare() {
      client = SdkClient.start(bed.sdkOptions(id === "sdk-warm" ? bed.cliPath : await bed.instantCli()));
      await client.turn(bed.prompt());
    },
    async take() {
      if (!client) throw new Error("there is no process to take a turn of");
      const prompt = bed.prompt();
      return { ...(await client.turn(prompt)), mark: prompt.mark };
    },
    async end() {
      if (client?.pid !== undefined) await onLive(client.pid);
      await client?.[Symbol.asyncDispose]();
      client = undefined;
    },
  };
}
