/**
 * All recordings: those that go on, and those that are kept for as long, and as many, as the settings say. Files that
 * the database knows nothing of are removed at the start, and so is what it knows of without files.
 */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { RecordingFault, RecordingState, RecordingSummary } from "@lodge/shared";
import type { RecordingRecord, RecordingStore } from "../../store/recording-store.ts";
import { measure, readCast } from "./read.ts";
import { Recorder } from "./recorder.ts";
import { Segments } from "./segments.ts";
import type { Recorded, Tape } from "./tape.ts";

export interface RecordingsOptions {
  store: RecordingStore;
  /** Where they lie, each in a folder of its own. */
  folder: string;
  /** `off` records nothing more; what there is can still be played. `output` leaves out what is typed. */
  mode: "all" | "output" | "off";
  /** Bytes of all that are kept; the oldest go first. */
  maxBytes: number;
  /** Milliseconds for which one is kept when it is over. */
  keepMs: number;
  /** Terminals at one time. */
  maxLive: number;
  /** Told of what could not be written, once for each recording. */
  onProblem: (error: unknown) => void;
  now?: () => number;
}

/** Segments of one recording; when there are more the first is given up. */
const maxSegments = 2;
/** Bytes of one. Each begins with the screen and its scrollback, which take a while to write down: not too often. */
const segmentBytes = { most: 16 * 1024 * 1024, least: 64 * 1024 };
/** Recordings kept, however small they are. */
const maxKept = 10_000;
/** Milliseconds between two looks for those that are too old. */
const pruneMs = 10 * 60_000;
/** Records looked at in one go. */
const pruneBatch = 100;

interface Active {
  id: string;
  recorded: Recorded;
  recorder: Recorder;
  segments: Segments;
  /** Whether anything of it was written. */
  hasBegun: boolean;
}

export class Recordings implements AsyncDisposable {
  readonly #options: RecordingsOptions;
  readonly #now: () => number;
  readonly #segmentBytes: number;
  readonly #active = new Map<string, Active>();
  /** Files on their way out. */
  readonly #removals = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RecordingsOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    const share = Math.floor(options.maxBytes / options.maxLive / maxSegments);
    this.#segmentBytes = Math.min(segmentBytes.most, Math.max(segmentBytes.least, share));
  }

  /** Finds what an earlier server has left, and keeps to the settings from now on. */
  async begin(): Promise<void> {
    const { store, folder } = this.#options;
    for (const record of store.unfinished()) {
      const { bytes, durationMs, isCut } = await measure(join(folder, record.id));
      if (bytes === 0) store.remove(record.id);
      else {
        const endedAt = record.startedAt + durationMs;
        store.save({ ...record, bytes, durationMs, isCut, endedAt, fault: "server_died" satisfies RecordingFault });
      }
    }
    for (const name of await readdir(folder).catch(() => [])) {
      if (store.get(name) === null) this.#removeFiles(name);
    }
    this.#timer = setInterval(() => this.#prune(), pruneMs).unref();
    this.#prune();
  }

  /** Takes a terminal down from now on; undefined when nothing is recorded. */
  record(recorded: Recorded): Tape | undefined {
    const { mode, folder, onProblem } = this.#options;
    if (mode === "off") return undefined;
    const id = crypto.randomUUID();
    const segments = new Segments(join(folder, id), maxSegments);
    const recorder: Recorder = new Recorder({
      recorded,
      segments,
      segmentBytes: this.#segmentBytes,
      withInput: mode === "all",
      title: `Lodge session ${recorded.sessionId}`,
      now: this.#now,
      onBegin: () => {
        active.hasBegun = true;
        this.#options.store.save(this.#record(active, null));
      },
      onSegment: () => this.#prune(),
      onEnd: () => this.#ended(active),
      onProblem,
    });
    const active: Active = { id, recorded, recorder, segments, hasBegun: false };
    this.#active.set(id, active);
    return recorder;
  }

  /** A place to go to in what is recorded of a session at the moment. */
  mark(sessionId: string, text: string): void {
    for (const { recorded, recorder } of this.#active.values()) {
      if (recorded.sessionId === sessionId) recorder.mark(text);
    }
  }

  /** The latest first, of one session or of all. */
  list(sessionId: string | null, limit: number): RecordingSummary[] {
    return this.#options.store.list(sessionId, limit).map((record) => this.#summary(record));
  }

  get(id: string): RecordingSummary | null {
    const record = this.#options.store.get(id);
    return record && this.#summary(record);
  }

  /** The recording as one text, as far as it has come. */
  async *read(id: string): AsyncGenerator<string> {
    await this.#active.get(id)?.recorder.flush();
    yield* readCast(join(this.#options.folder, id));
  }

  /** One that goes on is over then: nothing more is recorded of its terminal. False when there is none with that id. */
  async remove(id: string): Promise<boolean> {
    if (this.#options.store.get(id) === null) return false;
    await this.#active.get(id)?.recorder.finish();
    this.#remove(id);
    await Promise.all(this.#removals);
    return true;
  }

  /** A process ended that never was anybody's session: nobody will ask for what it showed. */
  async removeSession(sessionId: string): Promise<void> {
    for (const { id, recorded, recorder } of this.#active.values()) {
      if (recorded.sessionId !== sessionId) continue;
      await recorder.finish();
      this.#remove(id);
    }
    for (const { id } of this.#options.store.list(sessionId, pruneBatch)) this.#remove(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#active.values()].map(({ recorder }) => recorder.finish()));
    await Promise.all(this.#removals);
  }

  #ended(active: Active): void {
    this.#active.delete(active.id);
    if (!active.hasBegun) return;
    this.#keep(() =>
      this.#options.store.save(this.#record(active, active.recorder.startedAt + active.recorder.durationMs)),
    );
    this.#prune();
  }

  #record({ id, recorded, recorder, segments }: Active, endedAt: number | null): RecordingRecord {
    const { state, startedAt, durationMs } = recorder;
    return {
      id,
      sessionId: recorded.sessionId,
      driver: recorded.driver,
      startedAt,
      endedAt,
      durationMs,
      bytes: segments.bytes,
      ...recorded.size,
      hasInput: this.#options.mode === "all",
      isCut: segments.isCut,
      fault: state.name === "incomplete" ? state.fault : null,
    };
  }

  #summary(record: RecordingRecord): RecordingSummary {
    const active = this.#active.get(record.id);
    const { fault, driver, ...rest } = active ? this.#record(active, null) : record;
    return { ...rest, driver: driver as RecordingSummary["driver"], state: stateOf(rest.endedAt, fault) };
  }

  /** Removes what is too old, and then the oldest until the rest is no more than may be kept. */
  #prune(): void {
    const { store, maxBytes, keepMs } = this.#options;
    this.#keep(() => {
      const live = [...this.#active.values()].reduce((sum, { segments }) => sum + segments.bytes, 0);
      let { count, bytes } = store.ended();
      const before = this.#now() - keepMs;
      for (let batch = store.oldest(pruneBatch); batch.length > 0; batch = store.oldest(pruneBatch)) {
        for (const record of batch) {
          const isTooOld = (record.endedAt ?? 0) < before;
          if (!isTooOld && count <= maxKept && bytes + live <= maxBytes) return;
          this.#remove(record.id);
          count--;
          bytes -= record.bytes;
        }
      }
    });
  }

  #remove(id: string): void {
    this.#options.store.remove(id);
    this.#removeFiles(id);
  }

  #removeFiles(name: string): void {
    const removal = rm(join(this.#options.folder, name), { recursive: true, force: true })
      .catch((error: unknown) => this.#options.onProblem(error))
      .finally(() => this.#removals.delete(removal));
    this.#removals.add(removal);
  }

  #keep(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#options.onProblem(error);
    }
  }
}

function stateOf(endedAt: number | null, fault: string | null): RecordingState {
  if (fault !== null) return { name: "incomplete", fault: fault as RecordingFault };
  return endedAt === null ? { name: "recording" } : { name: "complete" };
}
