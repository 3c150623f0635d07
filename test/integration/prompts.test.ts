/** Permission prompts and questions of the real CLI: seen as session state, answered by API, denied when nobody comes. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { answerRequest, type AnswerRequest, type SessionSummary } from "@lodge/shared";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { type Watch, watchSessions } from "../harness/watch.ts";

let lodge: TestLodge;
let watch: Watch;
beforeAll(async () => {
  lodge = await startTestLodge({ LODGE_ANSWER_SECONDS: "2" });
  watch = await watchSessions((signal) => lodge.fetch("/api/events", { signal }));
});
afterAll(async () => {
  await watch[Symbol.asyncDispose]();
  await lodge[Symbol.asyncDispose]();
});

interface Details {
  session: SessionSummary;
  prompts: { id: string; reason: string; title: string; detail: string; questions?: { question: string }[] }[];
}

const seen = new Set<string>();

/** Asks in `default` permission mode, and answers what comes up. */
async function ask(driver: string, prompt: string, decide: (details: Details) => AnswerRequest | null) {
  const reply = lodge.post(
    "/v1/messages",
    { model: "sonnet", max_tokens: 10_000, messages: [{ role: "user", content: prompt }] },
    { "x-claude-permission-mode": "default", "x-claude-driver": driver },
  );
  const waiting = await watch.until(() =>
    [...watch.sessions.values()].find(({ id, state }) => state.name === "waiting" && !seen.has(id)),
  );
  seen.add(waiting.id);
  const details = (await (await lodge.fetch(`/api/sessions/${waiting.id}`)).json()) as Details;
  const answer = decide(details);
  if (answer) {
    const answered = await lodge.post(`/api/sessions/${details.session.id}/answers`, answerRequest.parse(answer));
    expect(answered.status).toBe(200);
  }
  const body = (await (await reply).json()) as { content: { text: string }[] };
  return { details, text: body.content.map((block) => block.text).join("") };
}

const write = (driver: string, name: string) => {
  const path = join(lodge.data, "workspaces", `${driver}-${name}`);
  return { path, prompt: `tool: Write ${JSON.stringify({ file_path: path, content: "hello" })}` };
};

describe.each(["stream", "terminal"])("with the %s driver", (driver) => {
  describe("a tool that needs permission", () => {
    test("runs when it is allowed", async () => {
      const { path, prompt } = write(driver, "allowed.txt");
      const { details, text } = await ask(driver, prompt, ({ prompts: [first] }) => ({
        promptId: first?.id ?? "",
        option: "allow",
      }));
      expect(details.session.state).toMatchObject({ name: "waiting", reason: "permission" });
      expect(details.prompts[0]?.detail).toContain("allowed.txt");
      expect(text).toStartWith("Write -> File created");
      expect(readFileSync(path, "utf8")).toBe("hello");
    });

    test("does not when it is denied, and the model learns why", async () => {
      const { path, prompt } = write(driver, "denied.txt");
      const { text } = await ask(driver, prompt, ({ prompts: [first] }) => ({
        promptId: first?.id ?? "",
        option: "deny",
        message: "Not in this house.",
      }));
      expect(text).toBe("Write -> error: Not in this house.");
      expect(existsSync(path)).toBe(false);
    });

    test("is denied when nobody answers in time", async () => {
      const { path, prompt } = write(driver, "late.txt");
      const { text } = await ask(driver, prompt, () => null);
      expect(text).toContain("Nobody answered in time.");
      expect(existsSync(path)).toBe(false);
    });
  });

  test("a question gets the answer that was given", async () => {
    const question = {
      question: "Which colour?",
      header: "Colour",
      multiSelect: false,
      options: [
        { label: "Red", description: "warm" },
        { label: "Blue", description: "cold" },
      ],
    };
    const { details, text } = await ask(
      driver,
      `tool: AskUserQuestion ${JSON.stringify({ questions: [question] })}`,
      ({ prompts: [first] }) => ({
        promptId: first?.id ?? "",
        option: "answer",
        answers: { "Which colour?": "Blue" },
      }),
    );
    expect(details.session.state).toMatchObject({ name: "waiting", reason: "question", detail: "Which colour?" });
    expect(details.prompts[0]?.questions).toEqual([question] as never);
    expect(text).toContain('"Which colour?"="Blue"');
  });
});

describe("an answer that does not fit", () => {
  test("to nothing that waits is 404, to no session 404, without a field 422", async () => {
    const { session } = await lastSession();
    const send = (id: string, body: object) =>
      lodge.post(`/api/sessions/${id}/answers`, body).then((reply) => reply.status);
    expect(await send(session, { promptId: "none", option: "allow" })).toBe(404);
    expect(await send(crypto.randomUUID(), { promptId: "none", option: "allow" })).toBe(404);
    expect(await send(session, { promptId: "none" })).toBe(422);
  });
});

async function lastSession(): Promise<{ session: string }> {
  const { sessions } = (await (await lodge.fetch("/api/sessions")).json()) as { sessions: SessionSummary[] };
  return { session: sessions[0]?.id ?? "" };
}
