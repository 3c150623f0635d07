/**
 * A large file up and down through `/files`, beside `cp` of the same file, one after the other in each round. An upload is
 * on the disk when it is answered, which `cp` does not wait for.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { spawnLodge } from "../../harness/process.ts";
import type { Bed } from "../bed.ts";
import { now } from "../clock.ts";
import { forgetPeak, peakBytes, residentBytes } from "../memory.ts";

export interface FilesReport {
  bytes: number;
  /** Milliseconds of each. */
  cp: number[];
  upload: number[];
  download: number[];
  /** Bytes by which the server's memory was larger at its highest than before; empty where the system does not tell. */
  growth: number[];
}

export async function measureFiles(bed: Bed, bytes: number, rounds: number): Promise<FilesReport> {
  const report: FilesReport = { bytes, cp: [], upload: [], download: [], growth: [] };
  const data = join(bed.root, "files");
  await using lodge = await spawnLodge({ LODGE_DATA: data, LODGE_LOG_LEVEL: "error", LODGE_SPARES: "0" });
  const large = join(bed.root, "large");
  await fill(large, bytes);
  const address = `${lodge.url}/files/large`;
  const copy = join(bed.root, "copy");
  const curl = (...options: string[]) =>
    timed(bed, ["curl", "-sSf", "-H", "expect:", "-H", `authorization: Bearer ${lodge.token}`, ...options, address]);
  const before = await residentBytes(lodge.pid);
  const forgotten = await forgetPeak(lodge.pid);
  for (let round = 0; round < rounds; round++) {
    report.cp.push(await timed(bed, ["cp", large, copy]));
    await rm(copy);
    report.upload.push(await curl("-o", "/dev/null", "-T", large));
    report.download.push(await curl("-o", copy));
    await rm(copy);
  }
  const peak = forgotten ? await peakBytes(lodge.pid) : undefined;
  if (before !== undefined && peak !== undefined) report.growth.push(peak - before);
  await rm(large);
  return report;
}

async function timed(bed: Bed, command: string[]): Promise<number> {
  const startedAt = now();
  const child = bed.own(Bun.spawn(command, { stdin: "ignore", stdout: "ignore", stderr: "inherit" }));
  if ((await child.exited) !== 0) throw new Error(`${command[0]} failed`);
  return now() - startedAt;
}

async function fill(path: string, bytes: number): Promise<void> {
  const piece = crypto.getRandomValues(new Uint8Array(65_536));
  const sink = Bun.file(path).writer();
  for (let written = 0; written < bytes; written += piece.byteLength) {
    void sink.write(piece.subarray(0, Math.min(piece.byteLength, bytes - written)));
    await sink.flush();
  }
  await sink.end();
}
