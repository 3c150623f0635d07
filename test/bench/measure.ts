/** What one row of the first part of the table is made by: something that is done again and again, and timed. */

import type { LodgeClient } from "./lodge-client.ts";

export interface Sample {
  /** From the request to the first words of the answer. */
  readonly ms: number;
  /** When the request was made. */
  readonly sentAt: number;
  /** Finds the request again at the model. */
  readonly mark: string;
}

/** The server cannot do it so far: why. */
export interface NotYet {
  readonly notYet: string;
}

export interface Measure {
  readonly id: MeasureId;
  readonly what: string;
  /** Done before each group of samples, beside others and not counted. */
  prepare?(): Promise<void>;
  take(): Promise<Sample | NotYet>;
  /** Brings the machine back to rest after each sample. */
  after?(): Promise<void>;
  /** Ends what `prepare` began. May be called when there is nothing to end. */
  end?(): Promise<void>;
}

export type MeasureId =
  | "sdk-warm"
  | "sdk-instant"
  | "least-server"
  | "sdk-fresh"
  | "sdk-prewarmed"
  | "sdk-waiting"
  | "print-stream"
  | "print-json"
  | `lodge-${"warm" | "instant" | "spare" | "cold" | "resumed" | "forked" | "seeded"}`;

/** Done together: one sample of each in turn, so often, in each round. */
export interface Group {
  readonly measures: readonly Measure[];
  readonly turns: number;
  /** Rounds before those that count, so that code which a long-lived process has long compiled is compiled. */
  readonly warmUpRounds: number;
  /** Milliseconds that everything rests between being prepared and the first sample. */
  readonly restMs: number;
  /** Milliseconds between samples. */
  readonly gapMs: number;
  /** Servers that must be without a process before the first sample. */
  readonly quiet: readonly LodgeClient[];
}
