/** From the router's notion of a path to OpenAPI's, which knows no stars and wants to hear of every reply. */
import type { OpenAPIV3 } from "openapi-types";

export function pathItems(paths: OpenAPIV3.PathsObject): Record<string, object> {
  return Object.fromEntries(
    Object.entries(paths).map(([path, item]) => [path.replace(/\*$/, `{${rest}}`), pathItem(path, item ?? {})]),
  );
}

/** What a star at the end of a path stands for. */
const rest = "id";

function pathItem(path: string, item: OpenAPIV3.PathItemObject): object {
  const operations = Object.entries(item as Record<string, OpenAPIV3.OperationObject>).map(([method, operation]) => [
    method,
    {
      ...operation,
      operationId: operation.operationId?.replace("*", "ById"),
      responses: operation.responses ?? { 200: { description: "OK" } },
    },
  ]);
  const parameters = [{ name: rest, in: "path", required: true, schema: { type: "string" } }];
  return { ...(path.endsWith("*") ? { parameters } : {}), ...Object.fromEntries(operations) };
}
