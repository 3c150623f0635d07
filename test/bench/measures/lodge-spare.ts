/** A new conversation on a server that keeps a spare process for it, once the spare is up and has waited as a group rests. */
import type { Bed } from "../bed.ts";
import { holdsWithin } from "../clock.ts";
import type { LodgeClient } from "../lodge-client.ts";
import type { Measure } from "../measure.ts";

/** Milliseconds in which a server that keeps spares has started one. */
const startLimitMs = 5000;

export function lodgeSpare(bed: Bed, server: LodgeClient): Measure {
  const used = new Set<string | null>();
  let begun = false;
  let supported = true;
  const spareIsUp = async () => (await server.ready()).some((id) => !used.has(id));
  return {
    id: "lodge-spare",
    what: "Lodge, new conversation, a spare waits",
    async prepare() {
      if (!supported || (begun && (await spareIsUp()))) return;
      // What waits for its first turn before that is of the server's default plan, which is not this measure's.
      if (!begun) for (const id of await server.ready()) used.add(id);
      begun = true;
      // Shows the server what kind of conversation is in use.
      used.add((await server.turn([], bed.prompt())).session);
      await holdsWithin(startLimitMs, spareIsUp);
    },
    async take() {
      if (!supported) return { notYet: "no spares" };
      const prompt = bed.prompt();
      const turn = await server.turn([], prompt);
      used.add(turn.session);
      supported = turn.source === "spare";
      return supported ? { ...turn, mark: prompt.mark } : { notYet: `${turn.source} instead of spare` };
    },
    async after() {
      // The next one starts at once: it must not take time from the next sample.
      if (supported) await holdsWithin(startLimitMs, spareIsUp);
    },
  };
}
