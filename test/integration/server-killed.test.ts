// The server is killed with sessions live on both drivers: the next one ends what is left, and goes on where they were.
import { expect, setDefaultTimeout, test } from "bun:test";
import { type LodgeProcess, spawnLodge, temporaryFolder } from "../harness/process.ts";
import { eventually, isAlive, treeOf } from "../harness/processes.ts";

setDefaultTimeout(60_000);

interface Message {
  role: "user" | "assistant";
  content: string;
}
const user = (content: string): Message => ({ role: "user", content });

async function say(lodge: LodgeProcess, messages: Message[], driver: string) {
  const body = { model: "haiku", max_tokens: 1000, messages };
  const reply = await lodge.post("/v1/messages", body, { "x-claude-driver": driver });
  const { content } = (await reply.json()) as { content: { text: string }[] };
  const text = content.map((block) => block.text).join("");
  return {
    session: reply.headers.get("x-claude-session"),
    source: reply.headers.get("x-lodge-session-source"),
    text,
    history: [...messages, { role: "assistant" as const, content: text }],
  };
}

test("nothing of it outlives the next start, and no conversation is lost", async () => {
  await using folder = await temporaryFolder();
  const settings = { LODGE_DATA: folder.path, LODGE_SPARES: "0" };
  const first = await spawnLodge(settings);
  const [stream, terminal] = await Promise.all([
    say(first, [user("echo: by stream")], "stream"),
    say(first, [user("echo: by terminal")], "terminal"),
  ]);
  // A tool in a process group of its own, which nobody tells that its server is gone.
  const command = "tail -f /dev/null";
  const working = say(first, [user(`tool: Bash ${JSON.stringify({ command })}`)], "stream").catch(() => null);
  const commands = () => treeOf(first.pid).filter((pid) => isTail(pid));
  await eventually("the tool runs", () => commands().length > 0, 20_000);
  const left = treeOf(first.pid).filter((pid) => pid !== first.pid);
  expect(left.length).toBeGreaterThanOrEqual(4);
  first.kill("SIGKILL");
  await first.ended;
  await working;
  expect(left.filter(isTail).length).toBeGreaterThan(0);

  await using second = await spawnLodge(settings);
  await eventually("all of it is gone", () => !left.some(isAlive), 10_000);
  const [onStream, onTerminal] = await Promise.all([
    say(second, [...stream.history, user("recall")], "stream"),
    say(second, [...terminal.history, user("recall")], "terminal"),
  ]);
  expect(onStream).toMatchObject({ source: "resumed", session: stream.session, text: "echo: by stream" });
  expect(onTerminal).toMatchObject({ source: "resumed", session: terminal.session, text: "echo: by terminal" });
});

function isTail(pid: number): boolean {
  return (
    isAlive(pid) &&
    Bun.spawnSync(["ps", "-o", "args=", "-p", String(pid)])
      .stdout.toString()
      .startsWith("tail -f")
  );
}
