/** Builds the dashboard to `dist`, which the server hands out; in development passes the API on to a running server. */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const target = process.env["LODGE_DEV_SERVER"] ?? "http://127.0.0.1:8080";
/** With the page's own host, since the server takes the cookie from its own pages only. */
const server = { target, changeOrigin: false, ws: true };

export default defineConfig({
  plugins: [react()],
  build: {
    sourcemap: false,
    // Every browser that this build targets preloads modules by itself.
    modulePreload: { polyfill: false },
    // A small asset as a `data:` address would need an exception in the content security policy.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
    // A page asks for some ten files and not for fifty: what several pages share comes in one, but for the editor, of which
    // each language is a file of its own.
    rolldownOptions: {
      output: {
        codeSplitting: { groups: [{ name: "shared", minShareCount: 3, test: (id) => !/@codemirror|@lezer/.test(id) }] },
      },
    },
  },
  server: { proxy: { "/api": server, "/v1": server, "/health": server } },
});
