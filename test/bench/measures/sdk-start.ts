/**
 * The first turn of a process that the Agent SDK starts: a fresh one, one that was started and then waited, and one
 * that was prewarmed for nobody, waited, and is claimed. What waits has waited at least as long as a group rests.
 */
import type { Bed } from "../bed.ts";
import { now } from "../clock.ts";
import type { Measure } from "../measure.ts";
import { SdkClient } from "../sdk-client.ts";

export function sdkFresh(bed: Bed): Measure {
  return {
    id: "sdk-fresh",
    what: "SDK query(), fresh process",
    async take() {
      const prompt = bed.prompt();
      const sentAt = now();
      await using client = SdkClient.start(bed.sdkOptions());
      return { ...(await client.turn(prompt, sentAt)), mark: prompt.mark };
    },
  };
}

export function sdkWaiting(bed: Bed): Measure {
  let waiting: SdkClient | undefined;
  return {
    id: "sdk-waiting",
    what: "SDK query() that was started and waited, first turn",
    async prepare() {
      waiting = SdkClient.start(bed.sdkOptions());
      await waiting.initialized();
    },
    async take() {
      if (!waiting) throw new Error("there is no process that waits");
      const prompt = bed.prompt();
      return { ...(await waiting.turn(prompt)), mark: prompt.mark };
    },
    after: end,
    end,
  };

  async function end(): Promise<void> {
    await waiting?.[Symbol.asyncDispose]();
    waiting = undefined;
  }
}

export function sdkPrewarmed(bed: Bed): Measure {
  let spare: Awaited<ReturnType<typeof SdkClient.prewarm>> | undefined;
  return {
    id: "sdk-prewarmed",
    what: "SDK prewarm() that waited, then claim()",
    async prepare() {
      spare = await SdkClient.prewarm(bed);
    },
    async take() {
      if (!spare) throw new Error("there is no process to claim");
      const prompt = bed.prompt();
      const sentAt = now();
      await using client = spare.claim();
      spare = undefined;
      return { ...(await client.turn(prompt, sentAt)), mark: prompt.mark };
    },
    async end() {
      await spare?.[Symbol.asyncDispose]();
      spare = undefined;
    },
  };
}
