// The workspaces' page in a real Chromium: made, brought in, set up, renamed, deleted and brought back.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { type GitServer, makeRepository, startGitServer } from "../harness/git-server.ts";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { limitUploads, standstill, watchProgress } from "../harness/progress.ts";
import { accessibilityProblems, openBrowser, photograph, type Visitors } from "../harness/visits.ts";

// Longer than what a test waits for: running out of time here would end the browser.
setDefaultTimeout(180_000);

let lodge: TestLodge;
let visitors: Visitors;
let remote: GitServer;

beforeAll(async () => {
  lodge = await startTestLodge();
  visitors = await openBrowser(lodge);
  await makeRepository(join(lodge.data, "remote", "tools"));
  remote = startGitServer(join(lodge.data, "remote"));
  const repository = join(lodge.data, "workspaces", "website");
  await mkdir(repository, { recursive: true });
  await writeFile(join(repository, "index.html"), "<h1>Hello</h1>");
  Bun.spawnSync(["git", "init", "-b", "main"], { cwd: repository, env: { PATH: process.env["PATH"] ?? "" } });
});
afterAll(async () => {
  await remote[Symbol.asyncDispose]();
  await visitors[Symbol.asyncDispose]();
  await lodge[Symbol.asyncDispose]();
});

const row = (page: Page, name: string) =>
  page.getByRole("table", { name: "Workspaces" }).getByRole("row").filter({ hasText: name });

async function choose(page: Page, name: string, item: string): Promise<void> {
  await page.getByRole("button", { name: `More actions for ${name}` }).click();
  await page.getByRole("menuitem", { name: item }).click();
}

test("a workspace is made, set up, renamed, deleted and brought back", async () => {
  await using visitor = await visitors.regular();
  const { page, complaints } = visitor;
  await visitor.enter("/workspaces");
  await row(page, "website").getByText("main").waitFor();
  await row(page, "website").getByText("1 changed").waitFor();

  await page.getByRole("button", { name: "New workspace" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("../notes");
  await dialog.getByText("letters, digits").waitFor();
  await dialog.getByLabel("Name").fill("notes");
  await dialog.getByRole("button", { name: "Create" }).click();
  await row(page, "notes").waitFor();

  await choose(page, "notes", "Settings");
  await dialog.getByLabel("Mode", { exact: true }).selectOption("model");
  await dialog.getByLabel("System hint").fill("Be brief.");
  const servers = dialog.getByLabel("MCP servers");
  await servers.fill('{"mcpServers": {"docs": {}}}');
  await dialog.getByText('docs: give "command"').waitFor();
  expect(await dialog.getByRole("button", { name: "Save" }).isDisabled()).toBe(true);
  const docs = { type: "http", url: "https://docs.example.com/mcp" };
  await servers.fill(JSON.stringify({ mcpServers: { docs, files: { command: "npx" } } }));
  await dialog.getByText("docs (https://docs.example.com/mcp), files (npx)").waitFor();
  await photograph(page, "workspace-settings");
  expect(await accessibilityProblems(page)).toEqual([]);
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "hidden" });
  const settings = await lodge.fetch("/api/workspace-settings?workspace=notes");
  expect(await settings.json()).toMatchObject({
    mode: "model",
    hint: "Be brief.",
    model: null,
    git: null,
    mcpServers: { docs, files: { command: "npx" } },
  });

  // The first instructions for its agents are written where there are none yet.
  await choose(page, "notes", "CLAUDE.md");
  await page.getByText("The CLI reads this file").waitFor();
  await photograph(page, "workspace-claude-md");
  await page.getByRole("button", { name: "Write CLAUDE.md" }).click();
  const text = page.getByRole("textbox", { name: "CLAUDE.md", exact: true });
  await text.click();
  await page.keyboard.type("Keep it short.");
  page.once("dialog", (asked) => void asked.dismiss());
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByText("Not saved yet.").waitFor();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Saved.").waitFor();
  expect(await readFile(join(lodge.data, "workspaces", "notes", "CLAUDE.md"), "utf8")).toBe("Keep it short.");
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByRole("button", { name: "Edit" }).waitFor();
  await page.getByRole("link", { name: "Workspaces", exact: true }).first().click();

  await choose(page, "notes", "Rename");
  await dialog.getByLabel("Name").fill("diary");
  await dialog.getByRole("button", { name: "Rename" }).click();
  await row(page, "diary").waitFor();
  expect(existsSync(join(lodge.data, "workspaces", "notes"))).toBe(false);

  await choose(page, "diary", "Delete");
  expect(await dialog.getByRole("button", { name: "Delete" }).isDisabled()).toBe(true);
  await dialog.getByLabel("Type its name").fill("diary");
  await photograph(page, "workspace-delete");
  await dialog.getByRole("button", { name: "Delete" }).click();
  await page.getByText("diary was deleted.").waitFor();
  expect(existsSync(join(lodge.data, "workspaces", "diary"))).toBe(false);
  await page.getByRole("button", { name: "Bring it back" }).click();
  await row(page, "diary").waitFor();
  expect(existsSync(join(lodge.data, "workspaces", "diary"))).toBe(true);
  // The browser tells of the file that was not there yet.
  expect(complaints.filter((complaint) => !complaint.includes("404"))).toEqual([]);
});

test("an archive becomes a workspace named after it, a repository is cloned, and a clone that fails says why", async () => {
  await using visitor = await visitors.visit();
  const { page, complaints } = visitor;
  await visitor.enter("/workspaces");
  // Large enough to be seen on its way.
  const weight = join(lodge.data, "workspaces", "website", "weight.bin");
  await writeFile(weight, randomBytes(1_500_000));
  const archive = await lodge.fetch("/api/workspaces/website/files/archive?path=");
  await page.getByRole("button", { name: "New workspace" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Archive", { exact: true }).click();
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    dialog.getByRole("button", { name: "Archive" }).click(),
  ]);
  const buffer = Buffer.from(await archive.arrayBuffer());
  await chooser.setFiles({ name: "copy-of-site.zip", mimeType: "application/zip", buffer });
  const seen = await watchProgress(page, "Uploading");
  await limitUploads(page, buffer.byteLength);
  await dialog.getByRole("button", { name: "Import" }).click();
  await row(page, "copy-of-site").waitFor();
  expect(standstill(await seen())).toEqual([]);
  await limitUploads(page);
  expect(existsSync(join(lodge.data, "workspaces", "copy-of-site", "index.html"))).toBe(true);

  await page.getByRole("button", { name: "New workspace" }).click();
  await dialog.getByText("Git repository", { exact: true }).click();
  await dialog.getByLabel("Address of the repository").fill(`${remote.url}/tools/.git`);
  await dialog.getByLabel("Name").fill("tools");
  const goOn = remote.hold();
  await dialog.getByRole("button", { name: "Clone" }).click();
  await dialog.getByText(/^Receiving objects: \d+%$/).waitFor();
  expect(await dialog.getByRole("progressbar").getAttribute("aria-label")).toBe("Receiving objects");
  await photograph(page, "workspace-clone");
  // It is not there before it is there whole.
  expect(existsSync(join(lodge.data, "workspaces", "tools"))).toBe(false);
  goOn();
  await row(page, "tools").getByText("main").waitFor();
  expect(await readFile(join(lodge.data, "workspaces", "tools", "README.md"), "utf8")).toBe("cloned");

  await page.getByRole("button", { name: "New workspace" }).click();
  await dialog.getByText("Git repository", { exact: true }).click();
  await dialog.getByLabel("Address of the repository").fill("http://127.0.0.1:1/team/project.git");
  expect(await dialog.getByLabel("Name").inputValue()).toBe("project");
  await dialog.getByRole("button", { name: "Clone" }).click();
  await dialog.getByRole("alert").getByText("git could not clone it").waitFor();
  await photograph(page, "workspace-new");
  expect(await accessibilityProblems(page)).toEqual([]);
  expect(existsSync(join(lodge.data, "workspaces", "project"))).toBe(false);
  expect(complaints).toEqual([]);
});
