/** Starts the dashboard. */
import { createRoot } from "react-dom/client";
import { App } from "./app/app.tsx";
import { createAuth } from "./app/auth.ts";
import { createAppContext } from "./app/context.ts";
import { createAppRouter, preloadPage } from "./app/router.tsx";
import { takeToken } from "./lib/token-fragment.ts";
import "./app/styles.css";

// Before anything else looks at the address: the router would keep the fragment.
const token = takeToken(window.location, window.history);
const auth = createAuth();

// The link was pasted into the address bar of an open dashboard: no load follows, only this event, and the router
// listens to it too, later than this.
window.addEventListener("popstate", () => {
  const pasted = takeToken(window.location, window.history);
  if (pasted !== null) void auth.begin(pasted);
});

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
const router = createAppRouter();
// Both at once: who is there, and the page that they will want to see.
void auth.begin(token);
preloadPage(router);
createRoot(root).render(<App context={createAppContext(auth)} router={router} />);
