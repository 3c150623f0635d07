/** Failures that nobody expected are in the server's log, whatever its client was told. A test that provokes one fails. */
import type { createLog } from "@lodge/server/lodge";

type Logger = ReturnType<typeof createLog>;

/** What the server says of a bug: a 500, a tool or a job that failed for no reason that it knows. */
const isSurprise = (message: unknown): message is string =>
  typeof message === "string" && message.includes("unexpected");

/** The same log, which adds to `surprises` what must not be. */
export function noting(log: Logger, surprises: string[]): Logger {
  const { error: write } = log;
  log.error = (...args: unknown[]) => {
    const message = args.findLast((arg) => typeof arg === "string");
    const [{ err } = {}] = args as [{ err?: Error }?];
    if (isSurprise(message)) surprises.push(`${message}: ${err?.stack ?? JSON.stringify(args[0])}`);
    Reflect.apply(write, log, args);
  };
  return log;
}

/** Of the log lines of a server that is a process of its own. */
export function surprisesIn(lines: string): string[] {
  return lines
    .split("\n")
    .filter((line) => line.startsWith("{") && isSurprise((JSON.parse(line) as { msg?: unknown }).msg));
}

export function requireNoSurprise(surprises: readonly string[]): void {
  if (surprises.length === 0) return;
  const message = `The server did not expect that:\n${surprises.join("\n")}`;
  // What is thrown while something is let go of stands before what was thrown already, and Bun shows neither.
  console.error(message);
  throw new Error(message);
}
