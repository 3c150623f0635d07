/** Somebody with an API key of a test's server. */
import type { CreatedKey, NewKey } from "@lodge/shared";
import type { TestLodge } from "./lodge.ts";

export interface KeyClient {
  readonly id: string;
  readonly secret: string;
  /** Like the server's own, with the key. */
  readonly lodge: Pick<TestLodge, "url" | "fetch" | "post">;
  fetch: TestLodge["fetch"];
  post: TestLodge["post"];
  /** Calls a tool of MCP, without a session. */
  tool(name: string, args?: Record<string, unknown>): Promise<{ text: string; isError: boolean }>;
}

/** Makes a key with the server's own token. */
export async function makeKey(lodge: TestLodge, settings: Partial<NewKey> = {}): Promise<KeyClient> {
  const reply = await lodge.post("/api/keys", { name: "test", scopes: ["api"], ...settings });
  if (reply.status !== 200) throw new Error(`no key: ${await reply.text()}`);
  const { key, secret } = (await reply.json()) as CreatedKey;
  return withKey(lodge, secret, key.id);
}

export function withKey(lodge: Pick<TestLodge, "url">, secret: string, id = ""): KeyClient {
  const fetchWith: TestLodge["fetch"] = (path, init = {}) => {
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${secret}`);
    return fetch(lodge.url + path, { ...init, headers });
  };
  const post: TestLodge["post"] = (path, body, headers = {}) =>
    fetchWith(path, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json", ...headers },
    });
  return {
    id,
    secret,
    lodge: { url: lodge.url, fetch: fetchWith, post },
    fetch: fetchWith,
    post,
    async tool(name, args = {}) {
      const call = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: args } };
      const reply = await post("/mcp?stateless", call, { accept: "application/json, text/event-stream" });
      const text = await reply.text();
      const data =
        text
          .split("\n")
          .find((line) => line.startsWith("data: "))
          ?.slice("data: ".length) ?? text;
      const { result } = JSON.parse(data) as { result: { content: { text: string }[]; isError?: boolean } };
      return { text: result.content.map((part) => part.text).join("\n"), isError: result.isError ?? false };
    },
  };
}
