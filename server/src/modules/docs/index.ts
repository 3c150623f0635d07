/** The API's description at `/swagger/json`, made from the routes' own schemas, and a page to try calls at `/swagger`. */
import { openapi } from "@elysiajs/openapi";
import { z } from "zod";

export const docs = (version: string) =>
  openapi({
    path: "/swagger",
    specPath: "/swagger/json",
    provider: "swagger-ui",
    exclude: { paths: ["/*"] },
    mapJsonSchema: { zod: (schema: z.ZodType) => z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) },
    documentation: {
      info: {
        title: "Lodge",
        version,
        description: "One server that turns the claude CLI into APIs that existing clients already speak.",
      },
      components: {
        securitySchemes: {
          bearer: { type: "http", scheme: "bearer" },
          apiKey: { type: "apiKey", in: "header", name: "x-api-key" },
        },
      },
      security: [{ bearer: [] }, { apiKey: [] }],
    },
  });
