/**
 * Turns of a server that need a process first: a new conversation, one whose process was ended by the idle timer, one
 * that goes on from an older point, and one whose history the server has never seen. The server ends each process soon
 * after its turn, and the next sample waits for that.
 */
import type { Bed } from "../bed.ts";
import type { ClientMessage, LodgeClient, LodgeTurn } from "../lodge-client.ts";
import type { Measure, NotYet, Sample } from "../measure.ts";

export const lodgeCold = (bed: Bed, server: LodgeClient): Measure => ({
  id: "lodge-cold",
  what: "Lodge, new conversation, no spare",
  take: () => turnFrom(bed, server, [], "cold"),
  after: () => server.empty(),
});

export function lodgeResumed(bed: Bed, server: LodgeClient): Measure {
  let history: ClientMessage[] = [];
  return {
    id: "lodge-resumed",
    what: "Lodge, hibernated conversation",
    async prepare() {
      ({ messages: history } = await server.turn([], bed.prompt()));
      await server.empty();
    },
    take: () => turnFrom(bed, server, history, "resumed"),
    after: () => server.empty(),
  };
}

export function lodgeForked(bed: Bed, server: LodgeClient): Measure {
  let history: ClientMessage[] = [];
  return {
    id: "lodge-forked",
    what: "Lodge, from an older point",
    async prepare() {
      ({ messages: history } = await server.turn([], bed.prompt()));
      await server.turn(history, bed.prompt());
      await server.empty();
    },
    take: () => turnFrom(bed, server, history, "forked"),
    after: () => server.empty(),
  };
}

export const lodgeSeeded = (bed: Bed, server: LodgeClient): Measure => ({
  id: "lodge-seeded",
  what: "Lodge, made-up history",
  take() {
    const { text, mark } = bed.prompt();
    const madeUp: ClientMessage[] = [
      { role: "user", content: text },
      { role: "assistant", content: `I never said ${mark}.` },
    ];
    return turnFrom(bed, server, madeUp, "seeded");
  },
  after: () => server.empty(),
});

async function turnFrom(
  bed: Bed,
  server: LodgeClient,
  history: readonly ClientMessage[],
  expected: string,
): Promise<Sample | NotYet> {
  const prompt = bed.prompt();
  const turn: LodgeTurn = await server.turn(history, prompt);
  if (turn.source !== expected) return { notYet: `${turn.source} instead of ${expected}` };
  return { ...turn, mark: prompt.mark };
}
