/** Takes the samples: one of each measure in turn, so that whatever else the machine does hits all alike. */
import type { Bed } from "./bed.ts";
import type { Group, Measure, MeasureId } from "./measure.ts";

export interface Taken {
  readonly id: MeasureId;
  readonly what: string;
  readonly ms: number[];
  /** Milliseconds until the request was at the model. */
  readonly modelMs: number[];
  /** Why there are no samples. */
  notYet?: string;
}

export async function takeRounds(
  bed: Bed,
  groups: readonly Group[],
  rounds: number,
  onProgress: (text: string) => void,
): Promise<Taken[]> {
  const measures = groups.flatMap((group) => group.measures);
  const taken = new Map(measures.map(({ id, what }): [MeasureId, Taken] => [id, { id, what, ms: [], modelMs: [] }]));
  try {
    for (const group of groups) await warmUp(bed, group);
    for (let round = 1; round <= rounds; round++) {
      for (const group of groups) {
        onProgress(`round ${round} of ${rounds}`);
        await takeGroup(bed, group, taken);
      }
    }
  } finally {
    await Promise.all(measures.map(async (measure) => measure.end?.()));
  }
  return [...taken.values()];
}

async function takeGroup(
  bed: Bed,
  { measures, turns, restMs, gapMs, quiet }: Group,
  taken: ReadonlyMap<MeasureId, Taken>,
): Promise<void> {
  await Promise.all(measures.map(async (measure) => measure.prepare?.()));
  await Promise.all(quiet.map((server) => server.empty()));
  await Bun.sleep(restMs);
  for (let turn = 1; turn <= turns; turn++) {
    for (const measure of measures) {
      await Bun.sleep(gapMs);
      await takeOne(bed, measure, taken.get(measure.id));
      await measure.after?.();
    }
  }
  await Promise.all(measures.map(async (measure) => measure.end?.()));
}

/** As many conversations as the group wants, each as long as one of its rounds, of which nothing is kept. */
async function warmUp(bed: Bed, { measures, turns, warmUpRounds }: Group): Promise<void> {
  for (let round = 1; round <= warmUpRounds; round++) {
    await Promise.all(measures.map(async (measure) => measure.prepare?.()));
    for (let turn = 1; turn <= turns; turn++) {
      for (const measure of measures) await takeOne(bed, measure, undefined);
    }
    await Promise.all(measures.map(async (measure) => measure.end?.()));
  }
}

async function takeOne(bed: Bed, measure: Measure, into: Taken | undefined): Promise<void> {
  const sample = await measure.take().catch((cause: unknown) => {
    throw new Error(`${measure.what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  });
  if (!into) return;
  if ("notYet" in sample) {
    into.notYet ??= sample.notYet;
    return;
  }
  into.ms.push(sample.ms);
  const arrivedAt = await bed.arrivalOf(sample.mark);
  if (arrivedAt !== undefined) into.modelMs.push(arrivedAt - sample.sentAt);
}
