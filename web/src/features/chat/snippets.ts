/** The same request as code to take away. The token is a place to fill in: the page does not know it. */
import type { ApiName, ChatRequest } from "./request.ts";

export const languages = { curl: "curl", python: "Python", typescript: "TypeScript" } as const;
export type Language = keyof typeof languages;

const token = "<your token>";

/** Characters of a picture's data in code that a person reads. */
const shownData = 24;

export function snippet(language: Language, api: ApiName, origin: string, request: ChatRequest): string {
  const shortened = { ...request, body: shortenedData(request.body) as ChatRequest["body"] };
  switch (language) {
    case "curl":
      return curl(origin, shortened);
    case "python":
      return python(api, origin, shortened);
    case "typescript":
      return typescript(api, origin, shortened);
  }
}

function curl(origin: string, { path, headers, body }: ChatRequest): string {
  const all = { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers };
  const lines = [
    `curl${body["stream"] === true ? " -N" : ""} ${origin}${path}`,
    ...Object.entries(all).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    `-d ${quoted(JSON.stringify(body, null, 2))}`,
  ];
  return lines.join(" \\\n  ");
}

/** For a POSIX shell: nothing inside single quotes means anything, and a single quote ends them. */
const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

function python(api: ApiName, origin: string, { headers, body }: ChatRequest): string {
  const extra = ownHeaders(headers);
  const { stream, ...fields } = body;
  const options = [
    ...Object.entries(fields).map(([name, value]) => `    ${name}=${indented(pythonValue(value))},`),
    ...(stream === true ? ["    stream=True,"] : []),
    ...(Object.keys(extra).length === 0 ? [] : [`    extra_headers=${indented(pythonValue(extra))},`]),
  ].join("\n");
  if (api === "messages") {
    return `from anthropic import Anthropic

client = Anthropic(base_url="${origin}", api_key="${token}")
${
  stream === true
    ? `for event in client.messages.create(
${options}
):
    if event.type == "content_block_delta" and event.delta.type == "text_delta":
        print(event.delta.text, end="", flush=True)`
    : `message = client.messages.create(
${options}
)
print(message.content[0].text)`
}`;
  }
  return `from openai import OpenAI

client = OpenAI(base_url="${origin}/v1", api_key="${token}")
${
  stream === true
    ? `for chunk in client.chat.completions.create(
${options}
):
    if chunk.choices:
        print(chunk.choices[0].delta.content or "", end="", flush=True)`
    : `completion = client.chat.completions.create(
${options}
)
print(completion.choices[0].message.content)`
}`;
}

function typescript(api: ApiName, origin: string, { headers, body }: ChatRequest): string {
  const extra = ownHeaders(headers);
  const options = Object.keys(extra).length === 0 ? "" : `, { headers: ${indentedJson(extra)} }`;
  const fields = indentedJson(body);
  const stream = body["stream"] === true;
  if (api === "messages") {
    return `import Anthropic from "@anthropic-ai/sdk";

const client = new Anthropic({ baseURL: "${origin}", apiKey: "${token}" });
${
  stream
    ? `for await (const event of await client.messages.create(${fields}${options})) {
  if (event.type === "content_block_delta" && event.delta.type === "text_delta") process.stdout.write(event.delta.text);
}`
    : `const message = await client.messages.create(${fields}${options});
console.log(message.content);`
}`;
  }
  return `import OpenAI from "openai";

const client = new OpenAI({ baseURL: "${origin}/v1", apiKey: "${token}" });
${
  stream
    ? `for await (const chunk of await client.chat.completions.create(${fields}${options})) {
  process.stdout.write(chunk.choices[0]?.delta.content ?? "");
}`
    : `const completion = await client.chat.completions.create(${fields}${options});
console.log(completion.choices[0].message.content);`
}`;
}

/** Those that the clients do not send by themselves. */
const ownHeaders = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith("x-")));

const indentedJson = (value: unknown): string => JSON.stringify(value, null, 2);
const indented = (text: string): string => text.replaceAll("\n", "\n    ");

/** JSON is Python but for three words. */
function pythonValue(value: unknown): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) {
    return value.length === 0 ? "[]" : `[\n${value.map((item) => `    ${indented(pythonValue(item))},\n`).join("")}]`;
  }
  const fields = Object.entries(value).map(
    ([name, inner]) => `    ${JSON.stringify(name)}: ${indented(pythonValue(inner))},\n`,
  );
  return fields.length === 0 ? "{}" : `{\n${fields.join("")}}`;
}

function shortenedData(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shortenedData);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      ["data", "url", "file_data"].includes(name) && typeof inner === "string" && inner.length > 2 * shownData
        ? `${inner.slice(0, shownData)}… (${inner.length} characters)`
        : shortenedData(inner),
    ]),
  );
}
