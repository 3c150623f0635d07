// Work in the dashboard, in a real Chromium: jobs, what turns took, and the page that tries the API.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { png } from "../harness/media.ts";
import { openBrowser, type Visitors } from "../harness/visits.ts";

// Longer than what a test waits for: running out of time here would end the browser.
setDefaultTimeout(180_000);

let lodge: TestLodge;
let visitors: Visitors;

beforeAll(async () => {
  lodge = await startTestLodge();
  visitors = await openBrowser(lodge);
  await Promise.all(
    ["website", "notes"].map((name) => mkdir(join(lodge.data, "workspaces", name), { recursive: true })),
  );
});
afterAll(async () => {
  await visitors[Symbol.asyncDispose]();
  await lodge[Symbol.asyncDispose]();
});

/** A turn in the one conversation of a workspace. */
async function ask(content: string, workspace: string): Promise<void> {
  const body = { model: "haiku", messages: [{ role: "user", content }] };
  const headers = { "x-claude-workspace": workspace, "x-claude-session": workspace };
  await (await lodge.post("/v1/chat/completions", body, headers)).text();
}

test("a job is handed in, watched, cancelled, and handed in once more", async () => {
  await using visitor = await visitors.regular();
  const { page, complaints } = visitor;
  await visitor.enter("/work/new");
  await page.getByLabel("Prompt").fill("slow: 30");
  await page.getByRole("combobox", { name: "Workspace" }).click();
  await page.getByRole("option", { name: "notes" }).click();
  await page.getByRole("button", { name: "Hand in" }).click();
  const output = page.getByRole("log", { name: "Output" });
  await output.getByText("word3 ").waitFor();
  await page.getByText("Running", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByText("Cancelled", { exact: true }).waitFor();
  expect(await output.textContent()).not.toContain("word30");

  const first = page.url();
  await page.getByRole("link", { name: "Clone" }).click();
  await page.getByLabel("Prompt").fill('tool: Bash {"command": "echo from-the-job", "description": "Say it"}');
  await page.getByRole("button", { name: "Hand in" }).click();
  await page.getByText("Completed", { exact: true }).waitFor();
  await output.getByText("Bash").first().click();
  await output.getByText("from-the-job", { exact: true }).waitFor();
  await page.getByText(/^[\d,]+ in, [\d,]+ out$/).waitFor();

  await page.goto(first);
  await page.getByRole("button", { name: "Once more" }).click();
  await page.waitForURL((url) => url.toString() !== first);
  await page.getByRole("navigation", { name: "Breadcrumb" }).getByRole("link", { name: "Jobs" }).click();
  const rows = page.getByRole("table", { name: "Jobs" }).getByRole("row");
  await rows.filter({ hasText: "slow: 30" }).filter({ hasText: "Completed" }).waitFor();
  expect(await rows.count()).toBe(4);
  expect(complaints).toEqual([]);
});

test("the list follows what others hand in, and is narrowed down by state, kind and workspace", async () => {
  await using visitor = await visitors.regular();
  const { page, complaints } = visitor;
  await visitor.enter("/work");
  const rows = page.getByRole("table", { name: "Jobs" }).getByRole("row");
  await lodge.post("/run", { prompt: "echo: from a run", workspace: "website" });
  await rows.filter({ hasText: "from a run" }).filter({ hasText: "Completed" }).waitFor();
  const choose = async (field: string, option: string) => {
    await page.getByRole("combobox", { name: field, exact: true }).click();
    await page.getByRole("option", { name: option, exact: true }).click();
  };
  await choose("Kind", "Runs only");
  await page.waitForURL(/kind=run/);
  await rows.filter({ hasText: "notes" }).first().waitFor({ state: "detached" });
  await choose("Workspace", "website");
  await choose("State", "Failed");
  await page.getByText("No job matches").waitFor();
  expect(new URL(page.url()).search).toBe("?state=failed&kind=run&workspace=website");
  await page.reload();
  await page.getByText("No job matches").waitFor();
  await page.getByRole("button", { name: "Show all" }).click();
  await rows.filter({ hasText: "from a run" }).getByRole("link").click();
  await page.getByRole("log", { name: "Output" }).getByText("from a run", { exact: true }).waitFor();
  expect(complaints).toEqual([]);
});

test("usage is what the turns took, and goes on as they end", async () => {
  await using visitor = await visitors.regular();
  const { page, complaints } = visitor;
  await visitor.enter("/usage?by=workspace&measure=turns");
  const table = page.getByRole("table", { name: "Usage by workspace" });
  const turnsOf = (workspace: string) =>
    table.getByRole("row").filter({ hasText: workspace }).getByRole("cell").first().textContent();
  await mkdir(join(lodge.data, "workspaces", "counted"));
  await ask("echo: the first", "counted");
  await table.getByText("counted").waitFor();
  const before = Number(await turnsOf("counted"));
  await ask("echo: one more", "counted");
  await table
    .getByRole("row")
    .filter({ hasText: "counted" })
    .getByRole("cell", { name: String(before + 1), exact: true })
    .waitFor();
  await page.getByText("30 days", { exact: true }).click();
  await page.waitForURL(/range=30d/);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "CSV" }).click(),
  ]);
  const lines = (await Bun.file(await download.path()).text()).trim().split("\r\n");
  const counted = lines.find((line) => line.includes(",counted,"))?.split(",");
  expect(Number(counted?.[2])).toBe(before + 1);
  await page.getByRole("combobox", { name: "Group by" }).click();
  await page.getByRole("option", { name: "By model" }).click();
  await page.getByRole("table", { name: "Usage by model" }).getByText("haiku").waitFor();
  expect(complaints).toEqual([]);
});

test("every figure of the page is what the replies said, to the token", async () => {
  await using visitor = await visitors.regular();
  const { page } = visitor;
  await visitor.enter("/usage?by=workspace&measure=tokens");
  await mkdir(join(lodge.data, "workspaces", "ledger"));
  const sum = { input: 0, output: 0 };
  for (const text of ["echo: one", "cached: two", "long: 3000"]) {
    const body = { model: "haiku", max_tokens: 4096, messages: [{ role: "user", content: text }] };
    const headers = { "x-claude-workspace": "ledger", "x-claude-session": "ledger", "x-claude-mode": "model" };
    const reply = await lodge.post("/v1/messages", body, headers);
    const { usage } = (await reply.json()) as { usage: { input_tokens: number; output_tokens: number } };
    sum.input += usage.input_tokens;
    sum.output += usage.output_tokens;
  }
  const row = page.getByRole("table", { name: "Usage by workspace" }).getByRole("row").filter({ hasText: "ledger" });
  await row.getByRole("cell", { name: "3", exact: true }).waitFor();
  const [turns, input, output] = await row.getByRole("cell").allTextContents();
  expect({ turns, input, output }).toEqual({
    turns: "3",
    input: sum.input.toLocaleString("en"),
    output: sum.output.toLocaleString("en"),
  });
});

test("trying it is a client's conversation: warm, stopped, asked for again, edited", async () => {
  await using visitor = await visitors.regular();
  const { page, complaints } = visitor;
  await visitor.enter("/try?workspace=notes");
  const sayIt = async (text: string) => {
    await page.getByLabel("Message", { exact: true }).fill(text);
    await page.keyboard.press("Enter");
  };
  const regenerate = page.getByRole("button", { name: "Regenerate" });
  await sayIt("echo: first");
  await replies(page).nth(0).getByText("first", { exact: true }).waitFor();
  await regenerate.waitFor();
  await sayIt("turns");
  await replies(page).nth(1).getByRole("link", { name: "warm" }).waitFor();
  await replies(page).nth(1).getByText("2", { exact: true }).waitFor();
  await regenerate.click();
  await replies(page).nth(1).getByRole("link", { name: "forked" }).waitFor();
  await regenerate.waitFor();

  await sayIt("stall");
  await page.getByRole("button", { name: "Stop" }).click();
  await replies(page).nth(2).getByText("Stopped.").waitFor();
  await page.getByRole("button", { name: "Edit" }).first().click();
  await page.getByLabel("Edited message").fill("recall");
  await page.getByRole("button", { name: "Send from here" }).click();
  await regenerate.waitFor();
  expect(await replies(page).count()).toBe(1);
  await replies(page).getByText("recall", { exact: true }).waitFor();

  const code = page.getByLabel("The same request as code");
  expect(await code.textContent()).toContain("x-claude-workspace: notes");
  await page.getByText("Python", { exact: true }).click();
  expect(await code.textContent()).toContain("from openai import OpenAI");
  expect(complaints).toEqual([]);
});

const replies = (page: Page) => page.getByRole("article", { name: "Claude" });

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel("Message", { exact: true }).fill(text);
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Regenerate" }).waitFor();
}

for (const [api, name] of [
  ["chat", "Chat Completions"],
  ["messages", "Messages"],
] as const) {
  test(`trying ${name}: system prompt, mode, a picture, the page's own tools, and no stream`, async () => {
    await using visitor = await visitors.regular();
    const { page, complaints } = visitor;
    await visitor.enter("/try?workspace=notes");
    const choose = async (field: string, option: string) => {
      await page.getByRole("combobox", { name: field, exact: true }).click();
      await page.getByRole("option", { name: option, exact: true }).click();
    };
    if (api === "messages") await choose("API", name);
    await choose("Model", "haiku");
    await choose("Mode", "Model: no tools of its own");
    await page.getByLabel("System prompt").fill("You are a lighthouse.");
    await page.getByLabel("Stream").uncheck();
    await say(page, "system");
    await replies(page).nth(0).getByText("You are a lighthouse.").waitFor();

    const [chooser] = await Promise.all([
      page.waitForEvent("filechooser"),
      page.getByRole("button", { name: "Attach pictures or PDFs" }).click(),
    ]);
    await chooser.setFiles({ name: "dot.png", mimeType: "image/png", buffer: png });
    await page.getByText("dot.png").waitFor();
    await say(page, "describe");
    await page.getByRole("img", { name: "dot.png" }).waitFor();
    await replies(page).nth(1).getByText("image/png").waitFor();

    await page.getByLabel("Stream").check();
    await page.getByRole("switch", { name: "Tools" }).check();
    await say(page, 'tool: roll_dice {"sides": 2, "count": 0}');
    const last = replies(page).nth(2);
    await last.getByText("roll_dice failed").waitFor();
    await last
      .getByText("roll_dice -> error: count: a whole number")
      .or(last.getByText("roll_dice -> count"))
      .waitFor();
    await say(page, 'tool: roll_dice {"count": 3}');
    await replies(page)
      .nth(3)
      .getByText(/^roll_dice -> \d, \d, \d$/)
      .waitFor();
    await say(page, "turns");
    await replies(page).nth(4).getByRole("link", { name: "warm" }).waitFor();
    // The address has all but the words.
    expect(Object.fromEntries(new URL(page.url()).searchParams)).toMatchObject({
      workspace: "notes",
      model: "haiku",
      mode: "model",
      tools: "true",
    });
    expect(complaints).toEqual([]);
  });
}

test("the code that the page shows does what was just done", async () => {
  await using visitor = await visitors.regular();
  const { page } = visitor;
  await using scratch = await temporaryFolder();
  const code = page.getByLabel("The same request as code");
  /** What a program says that is run with the token in the place that the code leaves for it. */
  const run = async (command: string, file: string, text: string): Promise<string> => {
    const path = join(scratch.path, file);
    await writeFile(path, text.replaceAll("<your token>", lodge.token));
    const child = Bun.spawn([command, path], {
      stdout: "pipe",
      stderr: "pipe",
      env: { PATH: process.env["PATH"] ?? "" },
    });
    const [out, problem] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    return out === "" ? problem : out;
  };
  for (const query of ["api=chat&stream=true", "api=messages&stream=false"]) {
    await visitor.enter(`/try?workspace=notes&mode=model&${query}`);
    await say(page, "echo: It's-'quoted'");
    for (const [language, command, file] of [
      ["curl", "sh", "request.sh"],
      ["TypeScript", process.execPath, "request.ts"],
    ] as const) {
      await page.getByText(language, { exact: true }).click();
      expect(await run(command, file, (await code.textContent())!)).toContain("It's-'quoted'");
    }
  }
});

/** Beside the tests, so that what runs there finds their packages. */
async function temporaryFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(import.meta.dir, "../.scratch-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

test("a long reply is followed to its end, but not from whoever reads further up", async () => {
  await using visitor = await visitors.regular();
  const { page } = visitor;
  await visitor.enter("/try?workspace=notes&mode=model");
  const list = page.getByRole("log", { name: "Conversation" });
  const fromEnd = () => list.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight);
  await say(page, "long: 8000");
  expect(await fromEnd()).toBeLessThan(2);
  await page.getByLabel("Message", { exact: true }).fill("slow: 60");
  await page.keyboard.press("Enter");
  await replies(page).nth(1).getByText("word3 ").waitFor();
  await list.evaluate((element) => element.scrollTo(0, 100));
  await page.getByRole("button", { name: "Regenerate" }).waitFor();
  expect(await list.evaluate((element) => element.scrollTop)).toBe(100);
});
