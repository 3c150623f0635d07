// The disk is full where the CLI keeps its transcripts: conversations go on, and none is gone on with from half a transcript.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { watchSessions } from "../harness/watch.ts";

setDefaultTimeout(60_000);

/** A disk of its own can be had by root only, and not in every container. */
const mayMount = (() => {
  const at = join(import.meta.dir, `../.disk-${process.pid}`);
  mkdirSync(at);
  const mounted = Bun.spawnSync(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", at]).success;
  if (mounted) Bun.spawnSync(["umount", at]);
  rmSync(at, { recursive: true, force: true });
  return mounted;
})();

interface Message {
  role: "user" | "assistant";
  content: string;
}
const user = (content: string): Message => ({ role: "user", content });

describe.skipIf(!mayMount)("a full disk", () => {
  let lodge: TestLodge;
  let disk: string;

  beforeAll(async () => {
    lodge = await startTestLodge({ LODGE_DEFAULT_MODE: "model" });
    disk = join(lodge.data, "demo/claude/projects");
    mkdirSync(disk, { recursive: true });
    Bun.spawnSync(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk]);
  });
  afterAll(async () => {
    // Whatever holds it open goes first.
    await lodge.restart();
    Bun.spawnSync(["umount", disk]);
    await lodge[Symbol.asyncDispose]();
  });

  async function say(messages: Message[], driver: string) {
    const reply = await lodge.post(
      "/v1/messages",
      { model: "haiku", max_tokens: 1000, messages },
      { "x-claude-driver": driver },
    );
    const body = (await reply.json()) as { content?: { text: string }[]; error?: { message: string } };
    const text = (body.content ?? []).map((block) => block.text).join("");
    return {
      status: reply.status,
      source: reply.headers.get("x-lodge-session-source"),
      session: reply.headers.get("x-claude-session"),
      error: body.error?.message,
      text,
      history: [...messages, { role: "assistant" as const, content: text }],
    };
  }

  test.each(["stream", "terminal"])("with the %s driver", async (driver) => {
    await using watch = await watchSessions((signal) => lodge.fetch("/api/events", { signal }));
    const first = await say([user("echo: one")], driver);
    fill(join(disk, "filler"));
    const second = await say([...first.history, user("echo: two")], driver);
    expect(second).toMatchObject({ status: 200, source: "warm", text: "two" });
    const third = await say([...second.history, user("turns")], driver);
    expect(third).toMatchObject({ status: 200, source: "warm", text: "3" });

    const unknown = await say([user("never"), { role: "assistant", content: "said" }, user("turns")], driver);
    expect(unknown).toMatchObject({ status: 503, error: expect.stringContaining("no room left on the server's disk") });

    rmSync(join(disk, "filler"));
    const ended = await lodge.post(`/api/sessions/${first.session}/end`, {});
    expect(ended.status).toBe(200);
    await watch.until(() => watch.sessions.get(first.session ?? "")?.state.name === "hibernated" || undefined);
    // Half of it is in the transcript: all of it is what the client has.
    const fourth = await say([...third.history, user("turns")], driver);
    expect(fourth).toMatchObject({ status: 200, source: "seeded", text: "4" });
  });
});

/** Until nothing more fits. */
function fill(path: string): void {
  for (const size of [64 * 1024, 1024, 1]) {
    try {
      for (;;) writeFileSync(path, "x".repeat(size), { flag: "a" });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    }
  }
}
