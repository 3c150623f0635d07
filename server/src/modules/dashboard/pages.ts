import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
/**
 * The dashboard's built files. They are listed once at the start, so that no path can reach anything else; every other
 * address is a page of the single-page app.
 */
import { Elysia, NotFoundError } from "elysia";
import { ApiError } from "../../http/errors.ts";
import { isApi } from "../../http/hooks.ts";
import { securityHeaders } from "../../http/security-headers.ts";

/** Address to file, for every file of the dashboard. */
export type Pages = ReadonlyMap<string, string>;

export interface PageSource {
  state: "building" | "ready" | "missing";
  files: Pages;
}

/** Every file below a folder; empty when there is no such folder. */
export async function listPages(folder: string): Promise<Pages> {
  if (!existsSync(folder)) return new Map();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return new Map(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(folder.length).replaceAll("\\", "/"), path]),
  );
}

export const pages = (source: PageSource) =>
  new Elysia({ name: "pages", detail: { hide: true } }).get("/*", ({ request }) => {
    const { pathname } = new URL(request.url);
    // No route took it: the same to a client as any other address that is not there, or not for this method.
    if (isApi(pathname)) throw new NotFoundError();
    if (source.state === "building") return buildingPage();
    const file = source.files.get(pathname);
    if (file !== undefined) return reply(file, isHashed(pathname) ? "public, max-age=31536000, immutable" : "no-cache");
    const index = source.files.get("/index.html");
    if (index === undefined) {
      throw new ApiError("not_found", "The dashboard has not been built: the log says why. The API works without it.");
    }
    // A file of a workspace has a page, whatever its name ends in.
    if (/\.\w+$/.test(pathname) && !pathname.startsWith("/workspaces/"))
      throw new ApiError("not_found", `There is no file at ${pathname}.`);
    return reply(index, "no-cache");
  });

/** By script: a browser that is told to refresh an address with a fragment, as the ready line's is, only scrolls. */
const reloading = "setTimeout(() => location.reload(), 500)";
const reloadingAllowed = `; script-src 'sha256-${createHash("sha256").update(reloading).digest("base64")}'`;

/** Loads itself again until the real page is there; the address, token and all, stays as it is. */
export function buildingPage(): Response {
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>Lodge</title>
<p style="font: 16px system-ui; margin: 20vh auto; text-align: center">Building the dashboard. This takes a few seconds, once.</p>
<script>${reloading}</script></html>`;
  return new Response(html, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      ...securityHeaders,
      "content-security-policy": securityHeaders["content-security-policy"] + reloadingAllowed,
    },
  });
}

/** Vite puts a hash of the content into the names below `assets`. */
const isHashed = (pathname: string): boolean => pathname.startsWith("/assets/");

const reply = (path: string, cacheControl: string): Response =>
  new Response(Bun.file(path), { headers: { "cache-control": cacheControl, ...pageHeaders } });

/** The player of recordings is WebAssembly, which the browser compiles. No text becomes a script by that. */
const pageHeaders = {
  ...securityHeaders,
  "content-security-policy": `${securityHeaders["content-security-policy"]}; script-src 'self' 'wasm-unsafe-eval'`,
};
