// What must be settled before the first paint and before any module is evaluated.

// zod makes functions from text where it may, and tries at once; `script-src 'self'` forbids that, and the browser would
// report each page load as a violation. Its own switch for this (`config({ jitless: true })`) lives in this object, and
// has to be set before the first schema is made.
globalThis.__zod_globalConfig = { jitless: true };

// Sets the colour scheme on the root element before the first paint, as Mantine's ColorSchemeScript does inline.
// The key and the attribute are Mantine's own; its provider takes over from here.
(function () {
  var chosen = null;
  try {
    chosen = localStorage.getItem("mantine-color-scheme-value");
  } catch {
    // Storage is switched off: follow the system.
  }
  if (chosen !== "light" && chosen !== "dark") {
    chosen = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  }
  document.documentElement.setAttribute("data-mantine-color-scheme", chosen);
})();
