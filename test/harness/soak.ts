/**
 * Many turns with random aborts and kills against a server in its own process, and what is left of it all afterwards.
 * The same seed gives the same turns; what the machine makes of them differs.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { type LodgeProcess, spawnLodge, temporaryFolder } from "./process.ts";
import { eventually, treeOf } from "./processes.ts";

export interface SoakOptions {
  turns: number;
  /** Conversations at one time. */
  clients: number;
  seed: number;
  /** Drivers to take turns with. */
  drivers: ("stream" | "terminal")[];
  onProgress?: (done: number) => void;
}

export interface SoakReport {
  finished: number;
  /** Given up by their client in mid-turn. */
  aborted: number;
  /** Ended with an error after their process was killed. */
  killed: number;
  /** What nobody provoked; must be empty. */
  surprises: string[];
  before: Footprint;
  after: Footprint;
  /** Children of the server once every idle process has been ended. */
  processesLeft: number;
  /** Slots in which a turn could be had at the same time afterwards, and turns that wait although all is over. */
  slots: { limit: number; usable: number; waiting: number };
}

type Outcomes = Pick<SoakReport, "finished" | "aborted" | "killed" | "surprises">;

export interface Footprint {
  /** Bytes that the server's process holds in memory. */
  rss: number;
  fileDescriptors: number;
  /** Of the server, that are yet to go off. */
  timers: number;
}

const maxLive = 4;

export async function soak(options: SoakOptions): Promise<SoakReport> {
  await using folder = await temporaryFolder();
  await using lodge = await spawnLodge({
    LODGE_DATA: folder.path,
    LODGE_LOG_LEVEL: "error",
    LODGE_MAX_LIVE: String(maxLive),
    LODGE_IDLE_SECONDS: "2",
    LODGE_DEFAULT_MODE: "model",
    LODGE_SPARES: "1",
  });
  const random = randomFrom(options.seed);
  const report: Outcomes = {
    finished: 0,
    aborted: 0,
    killed: 0,
    surprises: [],
  };
  let begun = 0;
  const next = () => (begun < options.turns ? begun++ : null);

  // The first turns load code and fill caches: the footprint before is taken after them.
  await run(lodge, options, random, report, warmUp(Math.min(100, Math.ceil(options.turns / 5))));
  await settled(lodge);
  const before = await footprint(lodge);
  await run(lodge, options, random, report, next);
  await settled(lodge);
  const after = await footprint(lodge);
  const processesLeft = treeOf(lodge.pid).length - 1;
  return { ...report, before, after, processesLeft, slots: await slots(lodge) };
}

/** As many turns at once as there are slots: each of them begins while the others go on. */
async function slots(lodge: LodgeProcess): Promise<SoakReport["slots"]> {
  const controller = new AbortController();
  const { queued: waiting } = (await (await lodge.fetch("/status")).json()) as { queued: number };
  const begun = await Promise.all(
    Array.from({ length: maxLive }, async (_, index) => {
      const reply = await lodge.fetch("/v1/messages", {
        method: "POST",
        body: JSON.stringify({
          model: "sonnet",
          max_tokens: 100_000,
          stream: true,
          messages: [{ role: "user", content: `slow: ${5000 + index}` }],
        }),
        // A slot that stays taken would be waited for in vain.
        signal: AbortSignal.any([controller.signal, AbortSignal.timeout(30_000)]),
      });
      if (reply.status !== 200) return false;
      // Not read to its end, and not let go: its slot stays taken.
      const reader = (reply.body as ReadableStream<Uint8Array>).getReader();
      const decoder = new TextDecoder();
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return false;
        if (decoder.decode(value).includes("word")) return true;
      }
    }).map((turn) => turn.catch(() => false)),
  );
  controller.abort();
  return { limit: maxLive, usable: begun.filter(Boolean).length, waiting };
}

function warmUp(turns: number): () => number | null {
  let begun = 0;
  return () => (begun < turns ? begun++ : null);
}

async function run(
  lodge: LodgeProcess,
  options: SoakOptions,
  random: () => number,
  report: Outcomes,
  next: () => number | null,
): Promise<void> {
  await Promise.all(Array.from({ length: options.clients }, () => client()));

  async function client(): Promise<void> {
    let history: { role: string; content: string }[] = [];
    for (let turn = next(); turn !== null; turn = next()) {
      options.onProgress?.(turn);
      const driver = options.drivers[turn % options.drivers.length] as string;
      const fate = random() < 0.15 ? "abort" : random() < 0.12 ? "kill" : "finish";
      const content = fate === "finish" ? `echo: ${turn}` : "slow: 40";
      const outcome = await one(lodge, [...history, { role: "user", content }], driver, fate);
      if (outcome.type === "finished") {
        report.finished++;
        if (fate === "finish" && outcome.text !== String(turn))
          report.surprises.push(`turn ${turn} answered ${outcome.text}`);
        history = [...history, { role: "user", content }, { role: "assistant", content: outcome.text }].slice(
          random() < 0.2 ? -100 : 0,
        );
      } else if (outcome.type === fate) {
        if (fate === "abort") report.aborted++;
        else report.killed++;
      } else {
        report.surprises.push(`turn ${turn} (${driver}, ${fate}): ${outcome.type} ${outcome.text}`);
      }
      if (random() < 0.3) history = [];
    }
  }
}

/** Streams one turn, and does to it what fate wants once it has begun to answer. */
async function one(lodge: LodgeProcess, messages: object[], driver: string, fate: "finish" | "abort" | "kill") {
  const controller = new AbortController();
  let text = "";
  try {
    const reply = await lodge.fetch("/v1/messages", {
      method: "POST",
      body: JSON.stringify({ model: "sonnet", max_tokens: 1000, stream: true, messages }),
      headers: { "x-claude-driver": driver },
      signal: controller.signal,
    });
    if (reply.status !== 200) return { type: "refused", text: `${reply.status} ${await reply.text()}` };
    const session = reply.headers.get("x-claude-session") ?? "";
    const decoder = new TextDecoder();
    let struck = false;
    for await (const chunk of reply.body as ReadableStream<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
      if (struck || fate === "finish") continue;
      struck = true;
      if (fate === "abort") controller.abort();
      else await kill(lodge, session);
    }
  } catch (error) {
    if (controller.signal.aborted) return { type: "abort", text: "" };
    return { type: "broken", text: String(error) };
  }
  if (text.includes("event: error")) return { type: fate === "kill" ? "kill" : "error", text: text.slice(-300) };
  const deltas = [...text.matchAll(/"text_delta","text":("(?:[^"\\]|\\.)*")/g)].map(
    (match) => JSON.parse(match[1] as string) as string,
  );
  return { type: "finished", text: deltas.join("") };
}

async function kill(lodge: LodgeProcess, session: string): Promise<void> {
  // A reply that began with nothing but a sign of life names no session.
  if (session === "") return;
  const reply = (await (await lodge.fetch(`/api/sessions/${session}`)).json()) as { session: { pid?: number } };
  if (reply.session.pid === undefined) return;
  try {
    process.kill(reply.session.pid, "SIGKILL");
  } catch {
    // It was quicker.
  }
}

/** Until the idle timer has ended every process, and the server has closed what led to the last of them. */
async function settled(lodge: LodgeProcess): Promise<void> {
  await eventually("no process is left", () => treeOf(lodge.pid).length === 1, 60_000);
  await eventually(
    "no terminal, transcript or process is open",
    () => !fileDescriptors(lodge.pid).some((target) => /^\/dev\/(ptmx|pts)|\.jsonl$|pidfd/.test(target)),
    30_000,
  );
}

async function footprint(lodge: LodgeProcess): Promise<Footprint> {
  const { pid } = lodge;
  const [, rss = "0"] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  const [, timers = "NaN"] = /^lodge_timers (\d+)$/m.exec(await (await lodge.fetch("/metrics")).text()) ?? [];
  return { rss: Number(rss) * 1024, fileDescriptors: fileDescriptors(pid).length, timers: Number(timers) };
}

/** Where each open file descriptor leads, connections of clients left out: those come and go as the clients like. */
function fileDescriptors(pid: number): string[] {
  const connections = new Set(
    readFileSync(`/proc/${pid}/net/tcp`, "utf8")
      .split("\n")
      .slice(1)
      .map((line) => `socket:[${line.trim().split(/\s+/)[9]}]`),
  );
  return readdirSync(`/proc/${pid}/fd`).flatMap((name) => {
    try {
      const target = readlinkSync(`/proc/${pid}/fd/${name}`);
      return connections.has(target) ? [] : [target];
    } catch {
      // Closed meanwhile.
      return [];
    }
  });
}

/** Mulberry32: small, seeded, and good enough to scatter fates. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
