// The files of a workspace in a real Chromium: opened, edited beside somebody else, deleted and brought back, uploaded.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";
import { pdf, png, redFilm, wav } from "../harness/media.ts";
import { limitUploads, standstill, watchProgress } from "../harness/progress.ts";
import {
  accessibilityProblems,
  desk,
  longestTask,
  openBrowser,
  overflows,
  phone,
  photograph,
  problemsInEachLook,
  type Visitors,
} from "../harness/visits.ts";

// Longer than what a test waits for: running out of time here would end the browser.
setDefaultTimeout(180_000);

/** Milliseconds, beyond which a person feels that a page does not answer. */
const longTask = 100;

let lodge: TestLodge;
let visitors: Visitors;
const shop = (path = "") => join(lodge.data, "workspaces/shop", path);

const prices = `/** What things cost. */
export const prices = new Map([
  ["apple", 1],
  ["pear", 2],
]);

export function total(names: string[]): number {
  return names.reduce((sum, name) => sum + (prices.get(name) ?? 0), 0);
}
`;

beforeAll(async () => {
  lodge = await startTestLodge();
  visitors = await openBrowser(lodge);
  await mkdir(shop("src/deep"), { recursive: true });
  await writeFile(shop("src/prices.ts"), prices);
  await writeFile(shop("src/deep/notes.txt"), "one\r\ntwo\r\n");
  await writeFile(
    shop("README.md"),
    "# The shop\n\nSells *fruit*.\n\n| fruit | price |\n| --- | --- |\n| apple | 1 |\n",
  );
  await writeFile(shop("stock.csv"), "fruit,count\napple,10\npear,20\n");
  await writeFile(shop("dot.png"), png);
  await writeFile(shop("data.bin"), new Uint8Array([0, 1, 2, 0x48, 0x69]));
  await writeFile(shop("bell.wav"), wav());
  await writeFile(shop("paper.pdf"), pdf);
  await writeFile(shop("order.json"), '{"pear":{"count":3}}');
  await writeFile(shop("page.html"), "<script>window.top.document.title = 'taken'</script><p>Hello</p>");
  const git = (...args: string[]) =>
    Bun.spawnSync(
      ["git", "-c", "user.name=Ann", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main", ...args],
      {
        cwd: shop(),
      },
    );
  git("init");
  git("add", ".");
  git("commit", "-m", "Open the shop");
  await writeFile(shop("stock.csv"), "fruit,count\napple,10\npear,25\n");
  await writeFile(shop("new-idea.md"), "An idea\n");
});
afterAll(async () => {
  await visitors[Symbol.asyncDispose]();
  await lodge[Symbol.asyncDispose]();
});

const item = (page: Page, name: string | RegExp) => page.getByRole("treeitem", { name });
const editor = (page: Page, name: string) => page.getByRole("textbox", { name, exact: true });
const message = (page: Page) => page.getByRole("status", { name: "Messages" });

test("from the workspaces to a file, by folders, by keys and by its address", async () => {
  await using visitor = await visitors.regular();
  const { page, complaints } = visitor;
  await visitor.enter("/workspaces");
  await page.getByRole("link", { name: "Files of shop" }).click();
  await item(page, "src").click();
  await item(page, "prices.ts").click();
  await page.waitForURL(/\/workspaces\/shop\/files\/src\/prices\.ts$/);
  await editor(page, "prices.ts").getByText("What things cost").waitFor();
  // By its language's colours, once that has come.
  await page.locator(".tok-keyword").first().waitFor();
  expect(await page.title()).toBe("prices.ts · shop · Lodge");

  // A load of that very address, though it ends like a file's.
  await page.reload();
  await editor(page, "prices.ts").getByText("What things cost").waitFor();
  expect(await item(page, "src").getAttribute("aria-expanded")).toBe("true");
  expect(await item(page, "prices.ts").getAttribute("aria-selected")).toBe("true");

  await page.getByRole("tree").focus();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowRight");
  await item(page, "notes.txt").waitFor();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await page.waitForURL(/notes\.txt$/);
  expect(complaints).toEqual([]);
});

test("an edit is saved as it was typed; what an agent wrote meanwhile is merged, and never overwritten", async () => {
  await using visitor = await visitors.regular();
  const { page, complaints } = visitor;
  await visitor.enter("/workspaces/shop/files/src/deep/notes.txt");
  await page.getByRole("button", { name: "Edit" }).click();
  await editor(page, "notes.txt").click();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("three");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Saved.").waitFor();
  // Its lines end as they did.
  expect(await readFile(shop("src/deep/notes.txt"), "utf8")).toBe("one\r\ntwo\r\nthree");

  await page.keyboard.press("Control+End");
  await page.keyboard.type(" and mine");
  await writeFile(shop("src/deep/notes.txt"), "one, by an agent\r\ntwo\r\nthree");
  await page.keyboard.press("Control+s");
  await page.getByRole("alert").getByText("Changed on the disk while you edited.").waitFor();
  expect(await readFile(shop("src/deep/notes.txt"), "utf8")).toBe("one, by an agent\r\ntwo\r\nthree");
  await editor(page, "notes.txt on the disk").getByText("one, by an agent").waitFor();
  await photograph(page, "files-merge-light");
  expect(await accessibilityProblems(page)).toEqual([]);
  // Theirs of the first line, mine of the last.
  await page.getByRole("button", { name: "Take this part from the disk" }).first().click();
  // And once more it changes under one's hands.
  await writeFile(shop("src/deep/notes.txt"), "one, by an agent\r\ntwo\r\nthree\r\nfour");
  await page.getByRole("button", { name: "Save merged" }).click();
  await editor(page, "notes.txt on the disk").getByText("four").waitFor();
  await page.getByRole("button", { name: "Save merged" }).click();
  await page.getByText("Saved.").waitFor();
  expect(await readFile(shop("src/deep/notes.txt"), "utf8")).toBe("one, by an agent\r\ntwo\r\nthree and mine");
  // The browser itself tells of the answer that it did not get.
  expect(complaints.filter((complaint) => !complaint.includes("412"))).toEqual([]);
});

test("what changes on the disk shows by itself: a file's text, a new file, and one that is gone", async () => {
  await using visitor = await visitors.regular();
  const { page } = visitor;
  await writeFile(shop("live.txt"), "before");
  await visitor.enter("/workspaces/shop/files/live.txt");
  await editor(page, "live.txt").getByText("before").waitFor();
  await writeFile(shop("live.txt"), "after");
  await editor(page, "live.txt").getByText("after").waitFor();
  await writeFile(shop("brand-new.txt"), "");
  await page.getByTitle("brand-new.txt not known to git").waitFor();
  await rm(shop("brand-new.txt"));
  await item(page, /^brand-new/).waitFor({ state: "detached" });

  // So does what an agent does, with its own tools.
  const call = `tool: Write ${JSON.stringify({ file_path: shop("by-agent.txt"), content: "made by an agent" })}`;
  const answer = await lodge.post(
    "/v1/chat/completions",
    { model: "haiku", messages: [{ role: "user", content: call }] },
    { "x-claude-workspace": "shop", "x-claude-mode": "agent" },
  );
  expect(await answer.text()).toContain("Write ->");
  await item(page, /^by-agent\.txt/).waitFor();
  await rm(shop("by-agent.txt"));

  // Who edits keeps what was typed, whatever becomes of the file.
  await page.getByRole("button", { name: "Edit" }).click();
  await editor(page, "live.txt").click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("mine ");
  await rm(shop("live.txt"));
  await page.getByText("It is gone from the disk.").waitFor();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("It was deleted meanwhile. Save once more to write it anew.").waitFor();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Saved.").waitFor();
  expect(await readFile(shop("live.txt"), "utf8")).toBe("mine after");
  await rm(shop("live.txt"));
});

test("new, renamed, deleted, and brought back", async () => {
  await rm(shop("plans"), { recursive: true, force: true });
  await using visitor = await visitors.regular();
  const { page, complaints } = visitor;
  await visitor.enter("/workspaces/shop/files/");
  await page.getByRole("button", { name: "New file in the workspace" }).click();
  await page.getByLabel("Path in the workspace").fill("plans/first.md");
  await page.getByRole("button", { name: "Create" }).click();
  await page.waitForURL(/plans\/first\.md$/);
  await page.getByRole("button", { name: "More for first.md" }).click();
  await page.getByRole("menuitem", { name: "Rename or move" }).click();
  await page.getByLabel("Path in the workspace").fill("README.md");
  await page.getByRole("button", { name: "Move" }).click();
  await page.getByText('There is something at "shop/README.md" already.').waitFor();
  await page.getByLabel("Path in the workspace").fill("plans/second.md");
  await page.getByRole("button", { name: "Move" }).click();
  await page.waitForURL(/plans\/second\.md$/);
  expect(await readFile(shop("plans/second.md"), "utf8")).toBe("");

  await page.getByRole("button", { name: "More for second.md" }).click();
  await page.getByRole("menuitem", { name: "Copy" }).click();
  expect(await page.getByLabel("Path in the workspace").inputValue()).toBe("plans/second copy.md");
  await page.getByRole("dialog").getByRole("button", { name: "Copy" }).click();
  await page.waitForURL(/plans\/second%20copy\.md$/);
  await message(page).getByText("second.md was copied.").waitFor();
  await message(page).getByRole("button", { name: "Undo" }).last().click();
  await message(page).getByText("second copy.md was deleted.").waitFor();
  expect(await Bun.file(shop("plans/second copy.md")).exists()).toBe(false);
  // What is below it in the tree has moved up by then, and is clicked where it is.
  await item(page, "second copy.md").waitFor({ state: "detached" });
  // The one it was copied from is moved, and moved back.
  await item(page, "second.md").click();
  await page.getByRole("tree").focus();
  await page.keyboard.press("F2");
  await page.getByLabel("Path in the workspace").fill("plans/later/third.md");
  await page.getByRole("button", { name: "Move" }).click();
  await page.waitForURL(/plans\/later\/third\.md$/);
  await message(page).getByText("second.md is now plans/later/third.md.").waitFor();
  await message(page).getByRole("button", { name: "Undo" }).last().click();
  await page.waitForURL(/plans\/second\.md$/);

  await item(page, /^plans/).click();
  await page.getByRole("tree").focus();
  await page.keyboard.press("Delete");
  await message(page).getByText("plans was deleted.").waitFor();
  await item(page, /^plans/).waitFor({ state: "detached" });
  expect(await Bun.file(shop("plans/second.md")).exists()).toBe(false);
  await message(page).getByRole("button", { name: "Undo" }).last().click();
  await item(page, /^plans/).waitFor();
  expect(await Bun.file(shop("plans/second.md")).exists()).toBe(true);
  // The refusal, and what the page asks of a file that has just gone elsewhere.
  expect(complaints.filter((complaint) => !/status of 40[49]/.test(complaint))).toEqual([]);
});

test("files and whole folders are uploaded; one that is there is replaced only when that is said", async () => {
  await using visitor = await visitors.regular();
  const { page } = visitor;
  await writeFile(shop("taken.txt"), "old");
  const local = join(lodge.data, "local");
  await mkdir(join(local, "box/inner"), { recursive: true });
  await writeFile(join(local, "box/inner/a.txt"), "a");
  await writeFile(join(local, "taken.txt"), "new");
  await writeFile(join(local, "large.bin"), Buffer.alloc(2_000_000, 1));
  await visitor.enter("/workspaces/shop/files/");
  await page.getByLabel("Files to upload").setInputFiles([join(local, "taken.txt"), join(local, "large.bin")]);
  const uploads = page.getByRole("region", { name: "Uploads" });
  await uploads.getByText("There is one already").waitFor();
  expect(await readFile(shop("taken.txt"), "utf8")).toBe("old");
  await uploads.getByRole("button", { name: "Replace" }).click();
  await uploads.getByText("2 files uploaded").waitFor();
  expect(await readFile(shop("taken.txt"), "utf8")).toBe("new");
  expect((await readFile(shop("large.bin"))).byteLength).toBe(2_000_000);
  await page.getByLabel("Folder to upload").setInputFiles(join(local, "box"));
  await uploads.getByText("3 files uploaded").waitFor();
  expect(await readFile(shop("box/inner/a.txt"), "utf8")).toBe("a");

  // Dropped on a folder in the tree.
  const data = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(["dropped"], "dropped.txt", { type: "text/plain" }));
    return transfer;
  });
  await item(page, /^src/).dispatchEvent("dragover", { dataTransfer: data });
  await item(page, /^src/).dispatchEvent("drop", { dataTransfer: data });
  await uploads.getByText("4 files uploaded").waitFor();
  expect(await readFile(shop("src/dropped.txt"), "utf8")).toBe("dropped");

  // A whole folder, as a file manager lets go of it.
  await mkdir(join(local, "crate/deep"), { recursive: true });
  await writeFile(join(local, "crate/deep/b.txt"), "b");
  await writeFile(join(local, "crate/c.txt"), "c");
  const target = (await item(page, /^src/).boundingBox())!;
  const debug = await visitor.context.newCDPSession(page);
  const dragged = { items: [], files: [join(local, "crate")], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const) {
    await debug.send("Input.dispatchDragEvent", { type, x: target.x + 40, y: target.y + 8, data: dragged });
  }
  await uploads.getByText("6 files uploaded").waitFor();
  expect(await readFile(shop("src/crate/deep/b.txt"), "utf8")).toBe("b");

  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download shop as ZIP" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("shop.zip");
  expect((await readFile(await download.path())).subarray(0, 2).toString()).toBe("PK");
});

test("how far an upload is, is seen while it goes on", async () => {
  await using visitor = await visitors.visit();
  const { page } = visitor;
  await visitor.enter("/workspaces/shop/files/");
  const seen = await watchProgress(page, "Uploading slow.bin");
  await limitUploads(page, 2_000_000);
  const buffer = Buffer.alloc(2_000_000, 1);
  await page
    .getByLabel("Files to upload")
    .setInputFiles({ name: "slow.bin", mimeType: "application/octet-stream", buffer });
  await page.getByRole("region", { name: "Uploads" }).getByText("1 file uploaded").waitFor();
  expect(standstill(await seen())).toEqual([]);
  expect((await readFile(shop("slow.bin"))).byteLength).toBe(buffer.byteLength);
});

test("each kind of file is shown as what it is, and none runs anything", async () => {
  await using visitor = await visitors.regular();
  const { page, complaints } = visitor;
  await visitor.enter("/workspaces/shop/files/README.md");
  await page.getByRole("heading", { name: "The shop", level: 1 }).waitFor();
  const views = page.getByRole("navigation", { name: "What is shown" });
  await views.getByRole("link", { name: "Source" }).click();
  await editor(page, "README.md").getByText("# The shop").waitFor();
  await item(page, /^stock\.csv/).click();
  await page.getByRole("columnheader", { name: "count" }).waitFor();
  await item(page, "dot.png").click();
  await page.getByText("1 × 1").waitFor();
  await item(page, "data.bin").click();
  await page.getByText("00 01 02 48 69").waitFor();
  await item(page, "bell.wav").click();
  await page.locator("audio").evaluate(async (audio: HTMLAudioElement) => {
    if (audio.readyState < 1) await new Promise((resolve) => audio.addEventListener("loadedmetadata", resolve));
  });
  expect(await page.locator("audio").evaluate((audio: HTMLAudioElement) => audio.duration)).toBeCloseTo(0.1);
  await item(page, "paper.pdf").click();
  const paper = page.locator("object[type='application/pdf']");
  const content = await lodge.fetch((await paper.getAttribute("data"))!);
  expect(content.headers.get("content-type")).toBe("application/pdf");
  expect(await content.text()).toBe(pdf);
  // A browser without a viewer, as the one of these tests, has a way to the file instead of an empty frame.
  const hasViewer = await page.evaluate(() => navigator.pdfViewerEnabled);
  expect(await paper.getByRole("link", { name: "Download it" }).isVisible()).toBe(!hasViewer);
  await writeFile(shop("clip.webm"), await redFilm(page));
  await item(page, "clip.webm").click();
  const film = page.locator("video");
  await film.evaluate(async (video: HTMLVideoElement) => {
    if (video.readyState < video.HAVE_CURRENT_DATA) {
      await new Promise((resolve) => video.addEventListener("loadeddata", resolve));
    }
  });
  const [red = 0, green = 0, blue = 0] = await film.evaluate((video: HTMLVideoElement) => {
    const context = document.createElement("canvas").getContext("2d")!;
    context.drawImage(video, 0, 0);
    return [...context.getImageData(20, 20, 1, 1).data];
  });
  expect(red).toBeGreaterThan(200);
  expect(Math.max(green, blue)).toBeLessThan(60);
  await item(page, "order.json").click();
  await views.getByRole("link", { name: "Preview" }).click();
  await editor(page, "order.json").getByText('    "count": 3', { exact: true }).waitFor();
  await item(page, "page.html").click();
  await editor(page, "page.html").getByText("Hello").waitFor();
  expect(complaints).toEqual([]);
  // Opened by itself it is in a sandbox, where no script runs.
  await page.goto(`${lodge.url}/api/workspaces/shop/files/content?path=page.html`);
  await page.getByText("Hello").waitFor();
  expect(await page.title()).not.toBe("taken");
});

test("a search finds by name and by content, and leads to the line", async () => {
  await using visitor = await visitors.regular();
  const { page } = visitor;
  await visitor.enter("/workspaces/shop/files/");
  await page.getByRole("searchbox", { name: "Find files by name" }).fill("pric");
  await page
    .getByRole("list", { name: "Found" })
    .getByRole("link", { name: /prices\.ts/ })
    .waitFor();
  await page.getByText("Contents", { exact: true }).click();
  await page.getByRole("searchbox", { name: "Find in files" }).fill("names.reduce");
  await page
    .getByRole("list", { name: "Found" })
    .getByRole("link", { name: /prices\.ts:8/ })
    .click();
  await page.waitForURL(/prices\.ts\?view=source&line=8$/);
  await page.locator(".cm-marked", { hasText: "names.reduce" }).waitFor();
});

test("what git knows: marks in the tree, the difference, the history", async () => {
  await using visitor = await visitors.regular();
  const { page } = visitor;
  await visitor.enter("/workspaces/shop/files/stock.csv");
  await page.getByTitle("new-idea.md not known to git").waitFor();
  await page.getByTitle("stock.csv changed since the last commit").waitFor();
  const views = page.getByRole("navigation", { name: "What is shown" });
  await views.getByRole("link", { name: "Changes" }).click();
  await editor(page, "stock.csv now").getByText("pear,25").waitFor();
  await page.getByText("pear,20").first().waitFor();
  await photograph(page, "files-changes-light");
  expect(await accessibilityProblems(page)).toEqual([]);
  await views.getByRole("link", { name: "History" }).click();
  await page.getByRole("button", { name: /Open the shop/ }).click();
  await page
    .getByRole("textbox", { name: /^stock\.csv after [\da-f]{8}$/ })
    .getByText("apple,10")
    .waitFor();
});

test("a folder of 50,000 files opens and scrolls without a stutter", async () => {
  await mkdir(shop("many"));
  const { exitCode } = Bun.spawnSync(["sh", "-c", "seq -f 'file-%05g.txt' 0 49999 | xargs touch"], {
    cwd: shop("many"),
  });
  expect(exitCode).toBe(0);
  await using visitor = await visitors.regular();
  const { page } = visitor;
  await visitor.enter("/workspaces/shop/files/");
  const longest = await longestTask(page, longTask, async () => {
    await item(page, /^many/).click();
    await item(page, "file-00000.txt").waitFor();
    // Only what is seen is in the page.
    expect(await page.getByRole("treeitem").count()).toBeLessThan(120);
    expect(await item(page, "file-00000.txt").getAttribute("aria-setsize")).toBe("50000");
    await page.getByRole("tree").focus();
    for (let press = 0; press < 5; press++) await page.keyboard.press("PageDown");
    await page.keyboard.press("End");
    await page.getByRole("treeitem").last().waitFor();
    const scroller = page.getByRole("tree").locator("..");
    for (let step = 1; step <= 5; step++) {
      await scroller.evaluate((element, part) => element.scrollTo(0, element.scrollHeight * part), step / 10);
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    }
    await item(page, /^file-2\d{4}\.txt/)
      .first()
      .waitFor();
  });
  expect(longest).toBeLessThanOrEqual(longTask);
  await rm(shop("many"), { recursive: true });
});

test("code and a folder are accessible and fit a phone, and so does a comparison, in either colour", async () => {
  await using visitor = await visitors.regular({ colorScheme: "light" });
  const { page } = visitor;
  await visitor.enter("/workspaces/shop/files/");
  // All other kinds of files have colours of nothing but words, which the table of looks has seen.
  for (const [name, path, shown] of [
    ["folder", "", item(page, /^stock/)],
    ["code", "src/prices.ts", page.locator(".tok-keyword").first()],
  ] as const) {
    await page.goto(`${lodge.url}/workspaces/shop/files/${path}`);
    await shown.waitFor();
    expect(await problemsInEachLook(page, `files-${name}`, () => shown.waitFor())).toEqual([]);
  }
  await page.getByRole("button", { name: "Edit" }).click();
  await editor(page, "prices.ts").click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("// mine\n");
  await writeFile(shop("src/prices.ts"), prices.replace("pear", "plum"));
  await page.getByText("Changed on the disk meanwhile.").waitFor();
  await page.setViewportSize(phone);
  await page.getByRole("button", { name: "Compare" }).click();
  await page.getByRole("alert").getByText("Changed on the disk while you edited.").waitFor();
  await page.locator(".cm-deletedChunk", { hasText: "plum" }).waitFor();
  await photograph(page, "files-merge-dark-phone");
  expect(await overflows(page)).toBe(false);
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole("button", { name: "Take theirs" }).last().click();
  await page.locator(".cm-deletedChunk", { hasText: "plum" }).waitFor({ state: "detached" });
  await page.setViewportSize(desk);
  await photograph(page, "files-merge-dark");
  await writeFile(shop("src/prices.ts"), prices);
});
