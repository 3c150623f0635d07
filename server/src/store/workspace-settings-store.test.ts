import { expect, test } from "bun:test";
import { openDatabase } from "./database.ts";
import { WorkspaceSettingsStore } from "./workspace-settings-store.ts";

const nothing = { git: null, model: null, mode: null, hint: null, mcpServers: null };
const servers = { docs: { type: "http" as const, url: "https://docs.example.com/mcp" } };

test("settings are kept whole, moved, and found by the beginning of a name", () => {
  using database = openDatabase(":memory:");
  const store = new WorkspaceSettingsStore(database);
  expect(store.get("a")).toEqual(nothing);
  store.set("a", { ...nothing, hint: "Be brief.", mcpServers: servers });
  expect(store.get("a")).toEqual({ ...nothing, hint: "Be brief.", mcpServers: servers });
  store.move("a", "../trash/1");
  store.move("b", "../trash/2");
  expect(store.get("a")).toEqual(nothing);
  // Nothing was set for the other.
  expect(store.named("../trash/")).toEqual(["../trash/1"]);
  store.move("../trash/1", "../trash/1");
  store.move("../trash/1", "c");
  expect(store.get("c")).toMatchObject({ mcpServers: servers });
  store.set("c", nothing);
  expect(store.named("")).toEqual([]);
});
