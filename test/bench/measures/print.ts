/**
 * One `claude -p` process for each request, as a wrapper starts it: the time to its first words when it streams, and to
 * its end when it answers as one JSON object. It gets the options that a server gives in `model` mode, not the switches
 * that a server puts into the environment of that mode's processes.
 */
import type { Bed } from "../bed.ts";
import { now } from "../clock.ts";
import type { Measure, Sample } from "../measure.ts";
import { modelName, type Prompt, systemPrompt } from "../prompt.ts";

export const printStream = (bed: Bed): Measure => ({
  id: "print-stream",
  what: "claude -p, stream-json, first words",
  take: () => run(bed, ["stream-json", "--include-partial-messages", "--verbose"], '"text_delta"'),
});

export const printJson = (bed: Bed): Measure => ({
  id: "print-json",
  what: "claude -p, json, whole run",
  take: () => run(bed, ["json"], undefined),
});

/** @param sign what the output holds once the first words are there; without one the time is to the end of the process */
async function run(bed: Bed, output: string[], sign: string | undefined): Promise<Sample> {
  const prompt: Prompt = bed.prompt();
  const sentAt = now();
  const child = bed.own(
    Bun.spawn(
      [
        bed.cliPath,
        "-p",
        "--tools=",
        "--setting-sources=",
        "--strict-mcp-config",
        "--permission-mode=dontAsk",
        `--model=${modelName}`,
        `--system-prompt=${systemPrompt}`,
        "--output-format",
        ...output,
      ],
      { cwd: bed.workspace, env: bed.cliEnv, stdin: new Blob([prompt.text]), stdout: "pipe", stderr: "inherit" },
    ),
  );
  const decoder = new TextDecoder();
  let text = "";
  let firstAt: number | undefined;
  for await (const chunk of child.stdout) {
    text += decoder.decode(chunk, { stream: true });
    if (firstAt === undefined && sign !== undefined && text.includes(sign)) firstAt = now();
  }
  const code = await child.exited;
  const endAt = now();
  if (code !== 0 || !text.includes(`"result":"${prompt.mark}"`) || (sign !== undefined && firstAt === undefined)) {
    throw new Error(`claude -p ended with code ${code} and said: ${text}`);
  }
  return { ms: (firstAt ?? endAt) - sentAt, sentAt, mark: prompt.mark };
}
