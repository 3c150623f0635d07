/** The API's description at `/swagger/json`, made from the routes' own schemas, and a page to try calls at `/swagger`. */
import { toOpenAPISchema } from "@elysiajs/openapi";
import { type AnyElysia, Elysia } from "elysia";
import { z } from "zod";
import { errorComponents } from "./error-replies.ts";
import { page } from "./page.ts";
import { pathItems } from "./path-items.ts";

const openapiVersion = "3.1.2";

export const docs = (version: string) => {
  const app = new Elysia({ name: "docs", detail: { hide: true } });
  let description: object | undefined;
  /** On the first request, when every route is there. */
  const describe = () => {
    const { paths } = toOpenAPISchema(
      withoutParsers(app),
      { paths: ["/*"] },
      undefined,
      { zod: toJsonSchema },
      openapiVersion,
    );
    return {
      openapi: openapiVersion,
      info: {
        title: "Lodge",
        version,
        description: "One server that turns the claude CLI into APIs that existing clients already speak.",
      },
      security: [{ bearer: [] }, { apiKey: [] }],
      components: {
        responses: errorComponents,
        securitySchemes: {
          bearer: { type: "http", scheme: "bearer" },
          apiKey: { type: "apiKey", in: "header", name: "x-api-key" },
        },
      },
      paths: pathItems(paths),
    };
  };
  return app.use(page()).get("/swagger/json", () => (description ??= describe()));
};

/**
 * A parser of one's own makes the generator leave out the bodies of all routes that it serves. Ours reads JSON alone,
 * which `pathItems` says; a file's route describes its body itself.
 */
function withoutParsers(app: AnyElysia): AnyElysia {
  return Object.create(app, {
    getGlobalRoutes: {
      value: () => app["getGlobalRoutes"]().map((route) => ({ ...route, hooks: { ...route.hooks, parse: undefined } })),
    },
  }) as AnyElysia;
}

const toJsonSchema = (schema: z.ZodType) => z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
