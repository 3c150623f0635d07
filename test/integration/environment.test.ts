// What the CLI's process is given: no secrets of the server's, no prompts where other users can read them, and no limit on length.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdir, readFile } from "node:fs/promises";
import { getPriority } from "node:os";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { spawnLodge, temporaryFolder } from "../harness/process.ts";
import { treeOf } from "../harness/processes.ts";

setDefaultTimeout(60_000);

/** A file of /proc that holds strings with NUL between them. */
const stringsOf = async (pid: number, name: "environ" | "cmdline"): Promise<string[]> =>
  (await readFile(`/proc/${pid}/${name}`, "utf8")).split("\0").filter((text) => text !== "");

describe("the process of a server started as a person starts it", () => {
  let stack: AsyncDisposableStack;
  let folder: string;
  let server: number;
  /** The process of its one session, after a turn. */
  let pid: number;

  beforeAll(async () => {
    stack = new AsyncDisposableStack();
    folder = stack.use(await temporaryFolder()).path;
    const lodge = stack.use(
      await spawnLodge({
        LODGE_DATA: folder,
        LODGE_TOKEN: "the-token-of-the-server",
        FOO_SECRET: "a-foreign-secret",
        AWS_SECRET_ACCESS_KEY: "an-account-which-the-demo-has-no-use-for",
        ANTHROPIC_API_KEY: "a-real-account",
        LANG: "C.UTF-8",
      }),
    );
    server = lodge.pid;
    const body = { model: "haiku", messages: [{ role: "user", content: "hi" }] };
    await (await lodge.post("/v1/chat/completions", body)).text();
    const { sessions } = (await (await lodge.fetch("/api/sessions")).json()) as { sessions: { pid: number }[] };
    pid = sessions[0]!.pid;
  });
  afterAll(() => stack.disposeAsync());

  test("gets an allow-list for its environment", async () => {
    const variables = await stringsOf(pid, "environ");
    expect(variables).toContain("LANG=C.UTF-8");
    const names = variables.map((variable) => variable.split("=")[0]!);
    for (const name of ["LODGE_TOKEN", "LODGE_DATA", "FOO_SECRET", "AWS_SECRET_ACCESS_KEY"]) {
      expect(names).not.toContain(name);
    }
    const secrets = /the-token-of-the-server|a-foreign-secret|an-account-which|a-real-account/;
    for (const child of treeOf(server).slice(1)) {
      for (const text of [...(await stringsOf(child, "environ")), ...(await stringsOf(child, "cmdline"))]) {
        expect(text).not.toMatch(secrets);
      }
    }
    const home = variables.find((variable) => variable.startsWith("HOME="));
    expect(home).toStartWith(`HOME=${folder}`);
  });

  test("answers on a thread that those which only help it stand behind", async () => {
    const threads = await Promise.all(
      (await readdir(`/proc/${pid}/task`)).map(async (id) => ({
        name: (await readFile(`/proc/${pid}/task/${id}/comm`, "utf8")).trim(),
        priority: getPriority(Number(id)),
      })),
    );
    expect(threads).toContainEqual({ name: "claude", priority: getPriority(server) });
    expect(threads.filter(({ name }) => name === "JITWorker")).toContainEqual({ name: "JITWorker", priority: 19 });
  });
});

describe("prompts", () => {
  let lodge: TestLodge;

  beforeAll(async () => {
    lodge = await startTestLodge();
  });
  afterAll(() => lodge[Symbol.asyncDispose]());

  const complete = async (messages: object[], model: string, headers: Record<string, string> = {}) => {
    const response = await lodge.post("/v1/chat/completions", { model, messages }, headers);
    const body = (await response.json()) as { choices: { message: { content: string } }[] };
    expect({ status: response.status, body }).toMatchObject({ status: 200 });
    const { sessions } = (await (await lodge.fetch("/api/sessions")).json()) as {
      sessions: { id: string; pid: number }[];
    };
    const session = sessions.find(({ id }) => id === response.headers.get("x-claude-session"))!;
    const args = await stringsOf(session.pid, "cmdline");
    return { answer: body.choices[0]!.message.content, args, source: response.headers.get("x-lodge-session-source") };
  };

  test.each(["haiku:model", "haiku:agent"])("are on no command line of %s", async (model) => {
    const messages = [
      { role: "system", content: "A confidential instruction." },
      { role: "user", content: "echo: a most secret matter" },
    ];
    const { answer, args } = await complete(messages, model, { "x-claude-append-system-prompt": "And one more." });
    expect(answer).toBe("a most secret matter");
    expect(args.join(" ")).not.toMatch(/confidential|And one more|secret matter/);
    const { system } = lodge.requests.findLast(({ messages: sent }) => JSON.stringify(sent).includes("secret matter"))!;
    expect(system).toContain("A confidential instruction.");
    expect(system).toContain("And one more.");
  });

  test("a system prompt of 300,000 characters works", async () => {
    const system = `Begin. ${"Be kind and brief. ".repeat(15_789).slice(0, 299_988)} End.`;
    expect(system).toHaveLength(300_000);
    const messages = [
      { role: "system", content: system },
      { role: "user", content: "echo: still here" },
    ];
    const { answer, args } = await complete(messages, "haiku:model");
    expect(answer).toBe("still here");
    expect(
      lodge.requests.findLast(({ messages: sent }) => JSON.stringify(sent).includes("still here"))?.system,
    ).toContain(system);
    expect(args.join(" ").length).toBeLessThan(20_000);
  });

  test("a history of a million characters works, and the next turn too", async () => {
    const story = "All work and no play. ".repeat(4546).slice(0, 100_000);
    const messages: object[] = Array.from({ length: 5 }, (_, i) => [
      { role: "user", content: `${i}: ${story}`.slice(0, 100_000) },
      { role: "assistant", content: story },
    ]).flat();
    expect(messages.reduce((sum, message) => sum + (message as { content: string }).content.length, 0)).toBe(1_000_000);
    messages.push({ role: "user", content: "turns" });
    const { answer, args, source } = await complete(messages, "haiku:model");
    expect({ answer, source }).toEqual({ answer: "6", source: "seeded" });
    expect(args.join(" ").length).toBeLessThan(20_000);
    messages.push({ role: "assistant", content: answer }, { role: "user", content: "turns" });
    expect(await complete(messages, "haiku:model")).toMatchObject({ answer: "7", source: "warm" });
  });
});
