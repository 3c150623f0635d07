/** Swagger UI from the package, not from a CDN: the page works without the internet, and with a strict content policy. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Elysia } from "elysia";
import { securityHeaders } from "../../http/security-headers.ts";

const library = dirname(fileURLToPath(import.meta.resolve("swagger-ui-dist/package.json")));
const own = join(import.meta.dir, "assets");

/** Address to file; nothing else is served. They hold no secrets, and are open to a browser that has no token yet. */
const files = {
  "/swagger": join(own, "page.html"),
  "/swagger/page.js": join(own, "page.js"),
  "/swagger/page.css": join(own, "page.css"),
  "/swagger/swagger-ui.css": join(library, "swagger-ui.css"),
  "/swagger/swagger-ui-bundle.js": join(library, "swagger-ui-bundle.js"),
  "/swagger/favicon-32x32.png": join(library, "favicon-32x32.png"),
};

export function page() {
  const app = new Elysia({ name: "docs page", detail: { hide: true } });
  for (const [path, file] of Object.entries(files)) {
    app.get(path, () => new Response(Bun.file(file), { headers: { "cache-control": "no-cache", ...securityHeaders } }));
  }
  return app;
}
