// The API's description is valid OpenAPI 3.1, complete, and in plain JSON Schema; its page needs nothing from elsewhere.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import SwaggerParser from "@apidevtools/swagger-parser";
import { startTestLodge, type TestLodge } from "../harness/lodge.ts";

setDefaultTimeout(60_000);

interface Description {
  openapi: string;
  paths: Record<string, Record<string, unknown>>;
}

let lodge: TestLodge;
let description: Description;

beforeAll(async () => {
  lodge = await startTestLodge();
  description = (await (await lodge.fetch("/swagger/json")).json()) as Description;
});
afterAll(() => lodge[Symbol.asyncDispose]());

test("it validates", async () => {
  expect(description.openapi).toMatch(/^3\.1\.\d+$/);
  // The validator resolves references in place, so it gets a copy.
  const document = structuredClone(description) as unknown as Parameters<typeof SwaggerParser.validate>[0];
  await SwaggerParser.validate(document);
});

test("it lists the public routes", () => {
  const routes = Object.entries(description.paths).flatMap(([path, item]) =>
    ["get", "post", "put", "patch", "delete"].filter((method) => method in item).map((method) => `${method} ${path}`),
  );
  const expected = [
    "get /api/events",
    "get /api/server",
    "get /api/sessions",
    "get /api/workspaces",
    "get /health",
    "get /healthz",
    "get /openai/v1/models",
    "delete /v1/responses/{id}",
    "get /openai/v1/models/{id}",
    "get /status",
    "get /v1/models",
    "get /v1/models/{id}",
    "get /v1/responses/{id}",
    "get /v1/responses/{id}/input_items",
    "post /api/login",
    "post /api/logout",
    "post /openai/v1/chat/completions",
    "post /v1/chat/completions",
    "post /v1/messages",
    "post /v1/responses",
    "post /v1/responses/{id}/cancel",
  ];
  expect(routes).toEqual(expect.arrayContaining(expected));
  // The pages are no part of the API, and no address in it is a pattern of the router's.
  expect(routes.filter((route) => /[*:]|swagger/.test(route))).toEqual([]);
});

/** What they need to know is in the address; an archive is its own body. */
const bodiless = new Set([
  "postApiLogout",
  "postRunCancel",
  "postApiJobsByIdCancel",
  "postApiJobsByIdRetry",
  "postApiWorkspacesByNameFilesDeletedByIdRestore",
  "postApiWorkspace-imports",
  "postApiSessionsByIdInterrupt",
  "postApiSessionsByIdEnd",
  "postApiSessionsByIdRestart",
  "postV1ResponsesByIdCancel",
  "postOpenaiV1ResponsesByIdCancel",
]);

test("each operation has a summary, an id of its own, and a body's schema where it takes one", () => {
  const operations = Object.values(description.paths).flatMap((item) =>
    Object.entries(item).flatMap(([method, operation]) =>
      method === "parameters" ? [] : [{ method, operation: operation as Operation }],
    ),
  );
  const ids = operations.map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { method, operation } of operations) {
    expect(operation.summary).toBeString();
    expect(Object.keys(operation.responses).length).toBeGreaterThan(0);
    if (method !== "post" || bodiless.has(operation.operationId ?? "")) continue;
    const schema = operation.requestBody?.content["application/json"]?.schema;
    expect(schema).toMatchObject({ type: "object" });
    expect(Object.keys(operation.requestBody!.content)).toEqual(["application/json"]);
  }
});

interface Operation {
  operationId: string;
  summary?: string;
  responses: object;
  requestBody?: { content: Record<string, { schema?: object }> };
}

test("each operation tells of its failures, and of the body of a file", () => {
  const operation = (path: string, method: string) => description.paths[path]?.[method] as Operation;
  for (const [path, item] of Object.entries(description.paths)) {
    for (const method of Object.keys(item).filter((name) => name !== "parameters")) {
      expect([path, method, Object.keys(operation(path, method).responses)]).toEqual([
        path,
        method,
        expect.arrayContaining(["4XX"]),
      ]);
    }
  }
  expect(Object.keys(operation("/run", "post").responses)).toEqual(["200", "202", "502", "503", "504", "529", "4XX"]);
  expect(Object.keys(operation("/execute", "post").responses)).toEqual(["202", "503", "4XX"]);
  expect(Object.keys(operation("/files/{id}", "put").requestBody!.content)).toEqual(["application/octet-stream"]);
});

test("no schema shows what it was made from", () => {
  const raw = JSON.stringify(description);
  for (const internal of ["~standard", "_zod", '"def":', '"_def"', "ZodObject", '"vendor"'])
    expect(raw).not.toContain(internal);
});

describe("the page to try calls", () => {
  test("opens without a token, with a strict policy and only its own files", async () => {
    const response = await fetch(`${lodge.url}/swagger`);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toContain("text/html");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'self'");
    const html = await response.text();
    expect(html).not.toMatch(/https?:\/\//);
    expect(html).not.toMatch(/<script>|<style>| on\w+=/);
    const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path!);
    expect(files.length).toBeGreaterThan(3);
    for (const path of files) {
      const file = await fetch(lodge.url + path);
      expect(file.status).toBe(200);
      expect((await file.arrayBuffer()).byteLength).toBeGreaterThan(0);
    }
  });

  test("the description itself stays closed", async () => {
    expect((await fetch(`${lodge.url}/swagger/json`)).status).toBe(401);
  });

  test("nothing else of the package can be had", async () => {
    for (const path of ["/swagger/package.json", "/swagger/index.html", "/swagger/swagger-ui.js"]) {
      expect((await fetch(lodge.url + path)).status).toBe(404);
    }
  });
});
