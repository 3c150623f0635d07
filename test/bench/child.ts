/**
 * A process of the benchmark's own, spoken to over Bun's channel between processes. It tells once that it is ready,
 * answers questions, and goes when the channel closes, so that none outlives the benchmark.
 */
import { join } from "node:path";

/** Milliseconds that a process has to go by itself. */
const graceMs = 10_000;

type FromChild = { ready: unknown } | { answer: unknown };

export interface Child<Ready> extends AsyncDisposable {
  readonly pid: number;
  readonly ready: Ready;
  /** One question at a time. */
  ask<Answer>(question: string): Promise<Answer>;
}

/** @param file in this folder */
export async function startChild<Ready>(file: string, env: Record<string, string>): Promise<Child<Ready>> {
  const ready = Promise.withResolvers<Ready>();
  let answer: ((value: unknown) => void) | undefined;
  const child = Bun.spawn([process.execPath, join(import.meta.dir, file)], {
    env,
    stdin: "ignore",
    stdout: "ignore",
    stderr: "inherit",
    ipc: (message: FromChild) => {
      if ("ready" in message) ready.resolve(message.ready as Ready);
      else answer?.(message.answer);
    },
  });
  void child.exited.then((code) => ready.reject(new Error(`${file} ended with code ${code} before it was ready`)));
  return {
    pid: child.pid,
    ready: await ready.promise,
    ask: <Answer>(question: string) => {
      const { promise, resolve, reject } = Promise.withResolvers<Answer>();
      answer = (value) => resolve(value as Answer);
      void child.exited.then(() => reject(new Error(`${file} is gone`)));
      child.send({ question });
      return promise;
    },
    async [Symbol.asyncDispose]() {
      child.disconnect();
      const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
      await child.exited;
      clearTimeout(timer);
    },
  };
}

/** The other end: tells that it is ready, and answers until the channel closes. */
export function serveParent(
  ready: unknown,
  answers: Record<string, () => unknown> = {},
  onEnd: () => void | Promise<void> = () => {},
): void {
  process.on("message", ({ question }: { question: string }) => process.send?.({ answer: answers[question]?.() }));
  process.on("disconnect", () => void Promise.resolve(onEnd()).finally(() => process.exit(0)));
  process.send?.({ ready });
}
