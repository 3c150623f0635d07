/** From the router's notion of a route to OpenAPI's: no stars in paths, every body JSON or a file, every operation with its replies. */
import type { toOpenAPISchema } from "@elysiajs/openapi";
import { errorReplies } from "./error-replies.ts";

type Paths = ReturnType<typeof toOpenAPISchema>["paths"];
type Item = NonNullable<Paths[string]>;
type Operation = NonNullable<Item["get"]>;

export function pathItems(paths: Paths): Record<string, object> {
  return Object.fromEntries(
    Object.entries(paths).map(([path, item]) => [path.replace(/\*$/, `{${rest}}`), pathItem(path, item ?? {})]),
  );
}

/** What a star at the end of a path stands for. */
const rest = "id";

function pathItem(path: string, item: Item): object {
  const operations = Object.entries(item as Record<string, Operation>).map(([method, operation]) => [
    method,
    {
      ...operation,
      operationId: operation.operationId?.replace("*", "ById"),
      ...(operation.requestBody && { requestBody: jsonOnly(operation.requestBody) }),
      responses: { ...(operation.responses ?? { 200: { description: "OK" } }), ...errorReplies(method, path) },
    },
  ]);
  const parameters = [{ name: rest, in: "path", required: true, schema: { type: "string" } }];
  return { ...(path.endsWith("*") ? { parameters } : {}), ...Object.fromEntries(operations) };
}

function jsonOnly(body: NonNullable<Operation["requestBody"]>): object {
  if (!("content" in body) || !("application/json" in body.content)) return body;
  return { ...body, content: { "application/json": body.content["application/json"] } };
}
