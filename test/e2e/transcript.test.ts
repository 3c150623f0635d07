// A session's transcript in a real Chromium: of the real CLI's own records, live, long, and in every colour.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { appendFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { transcriptPath } from "../../server/src/sessions/transcripts/location.ts";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { askIn } from "../harness/terminal-page.ts";
import {
  accessibilityProblems,
  openBrowser,
  photograph,
  problemsInEachLook,
  type Visitors,
} from "../harness/visits.ts";

// Longer than what a test waits for: running out of time here would end the browser.
setDefaultTimeout(180_000);

let lodge: TestLodge;
let visitors: Visitors;
let workspace: string;
/** A session with tools, whose file has been edited. */
let session: string;

beforeAll(async () => {
  lodge = await startTestLodge({ LODGE_ANSWER_SECONDS: "60" });
  visitors = await openBrowser(lodge);
  workspace = join(lodge.data, "workspaces", "shop");
  await mkdir(workspace);
  const file_path = join(workspace, "prices.ts");
  await ask("think: First of all", "tools");
  await ask(`tool: Write ${JSON.stringify({ file_path, content: "const apple = 1;\nconst pear = 2;\n" })}`, "tools");
  const edit = { file_path, old_string: "const pear = 2;", new_string: "const pear = 3;" };
  session = await ask(`tool: Edit ${JSON.stringify(edit)}\ntool: Bash {"command":"seq 100; false"}`, "tools");
});
afterAll(async () => {
  await visitors[Symbol.asyncDispose]();
  await lodge[Symbol.asyncDispose]();
});

const ask = (content: string, name: string, headers: Record<string, string> = {}): Promise<string> =>
  askIn(lodge, name, content, headers);

const log = (page: Page) => page.getByRole("log", { name: "Transcript" });

test("a turn with tools is told as a chat: thinking, a diff, a result that failed", async () => {
  await using visitor = await visitors.regular();
  const { page, complaints } = visitor;
  await visitor.enter(`/sessions/${session}?view=transcript`);
  await log(page).getByText("I thought about: First of all").waitFor();

  const thinking = log(page).getByRole("button", { name: "Thinking" });
  expect(await thinking.getAttribute("aria-expanded")).toBe("false");
  await thinking.click();
  await log(page).getByText("First of all", { exact: true }).waitFor();

  const changes = log(page)
    .getByRole("region", { name: /^Changes to .*prices\.ts$/ })
    .last();
  expect(await changes.getByRole("row").allInnerTexts()).toEqual([
    expect.stringContaining("const apple = 1;"),
    expect.stringMatching(/-\s*removed\s+const pear = 2;/),
    expect.stringMatching(/\+\s*added\s+const pear = 3;/),
  ] as never);

  const bash = log(page).getByRole("button", { name: /^Bash seq 100; false failed$/ });
  await bash.click();
  const error = log(page).getByRole("region", { name: "Result" });
  expect(await error.innerText()).not.toContain("\n100");
  await log(page).getByRole("button", { name: "Show all", exact: true }).last().click();
  await error.getByText(/\n100$/).waitFor();
  expect(complaints).toEqual([]);
});

test("what is said now shows now; whoever reads further up is not moved", async () => {
  await using visitor = await visitors.regular({ viewport: { width: 1280, height: 500 } });
  const { page } = visitor;
  const id = await ask("echo: one", "live");
  for (let line = 2; line <= 8; line++) await ask(`echo: line ${line}`, "live");
  await visitor.enter(`/sessions/${id}?view=transcript`);
  await log(page).getByText("line 8", { exact: true }).waitFor();
  await ask("echo: said at the end", "live");
  await log(page).getByText("said at the end", { exact: true }).waitFor();
  // It follows what is said; the list knows of its new end a frame after the words are in the page.
  const latest = page.getByRole("button", { name: "Jump to latest" });
  await latest.waitFor({ state: "hidden" });

  await log(page).evaluate((element) => element.scrollTo(0, 0));
  await latest.waitFor();
  await ask("echo: said meanwhile", "live");
  // It is there, and nothing has moved.
  await page.waitForResponse((reply) => reply.url().includes("after=") && reply.status() === 200);
  expect(await log(page).evaluate((element) => element.scrollTop)).toBe(0);
  await latest.click();
  await log(page).getByText("said meanwhile", { exact: true }).waitFor();
});

test("an address leads to an entry, and each entry has one", async () => {
  await using visitor = await visitors.regular({ viewport: { width: 1280, height: 400 } });
  const { page } = visitor;
  await visitor.enter(`/sessions/${session}?view=transcript`);
  await log(page).evaluate((element) => element.scrollTo(0, 0));
  const entry = log(page).getByRole("article").filter({ hasText: "I thought about" });
  await entry.getByRole("button", { name: /^Link to this entry/ }).click();
  await page.waitForURL(/#entry=/);
  const address = page.url();
  await page.goto(`${lodge.url}/sessions`);
  await page.goto(address);
  await entry.waitFor();
  expect(await entry.getAttribute("data-marked")).toBe("true");
  expect(await entry.evaluate((element) => element.getBoundingClientRect().top)).toBeGreaterThan(0);
});

test("10,000 entries scroll, from the end to the beginning", async () => {
  const id = await ask("echo: the beginning", "long");
  const path = transcriptPath(join(lodge.data, "demo", "claude"), workspace, id);
  const at = new Date().toISOString();
  const records = Array.from({ length: 10_000 }, (_, index) => ({
    type: index % 2 === 0 ? "user" : "assistant",
    uuid: `made-${index}`,
    timestamp: at,
    message:
      index % 2 === 0
        ? { content: `Question ${index}` }
        : { id: `m${index}`, model: "sonnet", content: [{ type: "text", text: `**Answer** ${index}` }] },
  }));
  await appendFile(path, `${records.map((record) => JSON.stringify(record)).join("\n")}\n{"broken\n`);
  await using visitor = await visitors.regular();
  const { page, complaints } = visitor;
  await visitor.enter(`/sessions/${id}?view=transcript`);
  await log(page).getByText("Answer 9999").waitFor();
  await page.getByText("1 record could not be read and is missing here.").waitFor();
  await page.locator('[role=log][aria-busy="false"]').waitFor();
  // Only what is seen is in the page.
  expect(await log(page).getByRole("article").count()).toBeLessThan(60);
  await log(page).evaluate((element) => element.scrollTo(0, 0));
  await log(page).getByText("the beginning", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Jump to latest" }).click();
  await log(page).getByText("Answer 9999").waitFor();
  expect(complaints).toEqual([]);
});

test("a permission is given by a button, and seen to be wanted everywhere", async () => {
  await using visitor = await visitors.regular();
  const { page } = visitor;
  const file_path = join(workspace, "allowed.txt");
  const turn = ask(`tool: Write ${JSON.stringify({ file_path, content: "hello" })}`, "asked", {
    "x-claude-permission-mode": "default",
  });
  await visitor.enter("/sessions");
  await page.getByRole("navigation", { name: "Main" }).getByText("1 waiting").waitFor();
  await page.getByRole("row").filter({ hasText: "allowed.txt" }).getByRole("link").click();
  const banner = page.getByRole("alert", { name: "Waiting for you" });
  await banner.getByText("allowed.txt").waitFor();
  await photograph(page, "session-permission");
  expect(await accessibilityProblems(page)).toEqual([]);
  await banner
    .getByRole("button", { name: /^Allow/ })
    .first()
    .click();
  await turn;
  await banner.waitFor({ state: "detached" });
  expect(await Bun.file(file_path).text()).toBe("hello");
});

test("a question is answered with a choice", async () => {
  await using visitor = await visitors.regular();
  const { page } = visitor;
  const question = {
    question: "Which colour?",
    header: "Colour",
    multiSelect: false,
    options: ["Red", "Blue"].map((label) => ({ label, description: `the ${label.toLowerCase()} one` })),
  };
  const turn = ask(`tool: AskUserQuestion ${JSON.stringify({ questions: [question] })}`, "question", {
    "x-claude-permission-mode": "default",
  });
  await visitor.enter("/sessions");
  await page.getByRole("row").filter({ hasText: "AskUserQuestion" }).getByRole("link").click();
  await page.getByLabel("Blue").check();
  await page.getByRole("button", { name: "Answer" }).click();
  await turn;
  await log(page).getByText('"Which colour?"="Blue"').waitFor();
});

test("tools, differences and failures are accessible in either colour, and fit a phone", async () => {
  await using visitor = await visitors.regular({ colorScheme: "light" });
  const { page } = visitor;
  await visitor.enter(`/sessions/${session}?view=transcript`);
  await log(page).getByText("Bash -> error").waitFor();
  expect(await problemsInEachLook(page, "session-tools")).toEqual([]);
});
