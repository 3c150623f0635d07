/**
 * What each client was seen to do, as a page of the documentation: `docs/clients.md`. A test that proves something for a
 * client says so by being made with `proving`; at the end of its file the client's row of the page must say exactly
 * what was proved. With `LODGE_WRITE_DOCS=1` the row is written instead.
 */
import { afterAll, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import catalogued from "../../package.json";
import own from "../package.json";

/** In the order of the page's columns. */
export const features = [
  "text",
  "stream",
  "tools",
  "parallel tools",
  "structured output",
  "images",
  "usage",
  "errors",
  "models",
] as const;
export type Feature = (typeof features)[number];

interface Client {
  /** The package whose version the page names. */
  package: string;
  api: string;
  /** What the client has no way to ask for, or shows nobody. */
  without?: readonly Feature[];
}

/** In the order of the page's rows. */
export const clients = {
  openai: { package: "openai", api: "chat completions" },
  "openai, responses": { package: "openai", api: "responses", without: ["models"] },
  "@anthropic-ai/sdk": { package: "@anthropic-ai/sdk", api: "messages" },
  "AI SDK, openai chat": { package: "@ai-sdk/openai", api: "chat completions", without: ["models"] },
  "AI SDK, openai responses": { package: "@ai-sdk/openai", api: "responses", without: ["models"] },
  "AI SDK, anthropic": { package: "@ai-sdk/anthropic", api: "messages", without: ["models"] },
  "AI SDK, openai-compatible": { package: "@ai-sdk/openai-compatible", api: "chat completions", without: ["models"] },
  "LangChain, ChatOpenAI": { package: "@langchain/openai", api: "chat completions", without: ["models"] },
  "LangChain, ChatOpenAI responses": { package: "@langchain/openai", api: "responses", without: ["models"] },
  "LangChain, ChatAnthropic": { package: "@langchain/anthropic", api: "messages", without: ["models"] },
  "Claude Code": {
    package: "@anthropic-ai/claude-agent-sdk",
    api: "messages",
    without: ["models"],
  },
  Codex: { package: "@openai/codex", api: "responses", without: ["models"] },
  opencode: { package: "opencode-linux-x64-baseline", api: "chat completions", without: ["models"] },
} as const satisfies Record<string, Client>;
export type ClientName = keyof typeof clients;

const path = join(import.meta.dir, "../../docs/clients.md");
const writes = process.env["LODGE_WRITE_DOCS"] === "1";

/**
 * @param client whose row this file proves; no other file may
 * @returns makes a test that proves a feature, or several, when it passes
 */
export function proving(client: ClientName): (proven: Feature | Feature[], prove: () => Promise<void>) => void {
  const declared = new Set<Feature>();
  const proved = new Set<Feature>();

  afterAll(() => {
    const row = rowOf(client, proved);
    if (writes) return writePage(client, row);
    // A run of chosen tests (`-t`) proves nothing about the others; a test that failed says so by itself.
    if (proved.size < declared.size) return;
    const found = readPage().get(client) ?? [];
    if (line(found) !== line(row)) {
      const hint = "LODGE_WRITE_DOCS=1 bun test test/clients writes it.";
      throw new Error(`docs/clients.md does not say what the tests prove. ${hint}\n- ${line(found)}\n+ ${line(row)}`);
    }
  });

  return (proven, prove) => {
    const these = [proven].flat();
    for (const feature of these) {
      if ((clients[client] as Client).without?.includes(feature))
        throw new Error(`${client} is said to lack ${feature}`);
      if (declared.has(feature)) throw new Error(`${client}: ${feature} is proved twice`);
      declared.add(feature);
    }
    test(these.join(", "), async () => {
      await prove();
      for (const feature of these) proved.add(feature);
    });
  };
}

/** The page as it stands; empty before it is first written. */
export const pageText = (): string => (existsSync(path) ? readFileSync(path, "utf8") : "");

/** The cells of its rows, by client. */
export function readPage(): Map<string, string[]> {
  const table = pageText()
    .split("\n")
    .filter((text) => text.startsWith("|"))
    .map((text) => text.split("|").slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()));
  return new Map(table.slice(2).map((cells) => [cells[0] ?? "", cells]));
}

/** The whole page around the rows that it has. */
export function renderPage(rows: ReadonlyMap<string, readonly string[]>): string {
  const table = [
    ["Client", "Version", "API", ...features],
    ...Object.keys(clients).flatMap((name) => rowIn(rows, name)),
  ];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((cells) => cells[column]!.length)));
  const [head, ...body] = table.map((cells) => line(cells.map((cell, column) => cell.padEnd(widths[column]!))));
  return [
    "# Clients",
    "",
    "What each client is seen to do against this server by the tests in `test/clients`, which run the package as it is",
    "published, with nothing changed but its address, its key and its model. The tests write this page, and fail when it",
    "says anything else: `LODGE_WRITE_DOCS=1 bun test test/clients`.",
    "",
    "`yes`: proved by a test. `–`: the client has no such thing, or shows it to nobody. Empty: no test proves it.",
    "",
    head,
    line(widths.map((width) => "-".repeat(width))),
    ...body,
    "",
  ].join("\n");
}

const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

const rowIn = (rows: ReadonlyMap<string, readonly string[]>, name: string): string[][] => {
  const cells = rows.get(name);
  return cells ? [[...cells]] : [];
};

/** What the tests of this run prove of a client. */
function rowOf(client: ClientName, proved: ReadonlySet<Feature>): string[] {
  const { api, without = [] }: Client = clients[client];
  const cells = features.map((feature) => (proved.has(feature) ? "yes" : without.includes(feature) ? "–" : ""));
  return [client, versionOf(clients[client].package), api, ...cells];
}

function versionOf(name: string): string {
  const wanted: Record<string, string> = { ...own.dependencies, ...own.optionalDependencies };
  const version = wanted[name];
  if (version !== "catalog:") return version ?? "";
  return (catalogued.workspaces.catalog as Record<string, string>)[name] ?? "";
}

function writePage(client: ClientName, row: string[]): void {
  writeFileSync(path, renderPage(readPage().set(client, row)));
}
