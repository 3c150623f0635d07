/** Puts a terminal into an element and keeps its line for as long as the element is there; of one session, always. */
import { useComputedColorScheme } from "@mantine/core";
import { type RefObject, useEffect, useRef, useState } from "react";
import { useApp } from "../../app/context.ts";
import { createStore, useStore } from "../../lib/store.ts";
import { TerminalConnection } from "./connection.ts";
import { withCtrl } from "./keys.ts";
import { palettes } from "./palette.ts";
import { panByTouch } from "./pan.ts";
import type { TerminalPreferences } from "./preferences.ts";
import { isReport } from "./reports.ts";
import { fetchTicket, openSocket } from "./server.ts";
import { unknownTerminal } from "./view.ts";
import { viewerName } from "./viewer-name.ts";
import { XtermScreen } from "./xterm-screen.ts";

interface TerminalOptions {
  sessionId: string;
  preferences: TerminalPreferences;
  onFind: () => void;
}

interface Parts {
  screen: XtermScreen;
  connection: TerminalConnection;
}

export function useTerminal(host: RefObject<HTMLElement | null>, { sessionId, preferences, onFind }: TerminalOptions) {
  const { auth } = useApp();
  const scheme = useComputedColorScheme("light");
  const [store] = useState(() => createStore(unknownTerminal));
  const view = useStore(store);
  const [partsStore] = useState(() => createStore<Parts | null>(null));
  const parts = useStore(partsStore);
  const [hasSelection, setHasSelection] = useState(false);
  const [found, setFound] = useState({ count: 0, shown: -1 });
  /** Ctrl of the key bar is held for the next character. */
  const [ctrl] = useState(() => createStore(false));
  const isCtrl = useStore(ctrl);
  const latest = useRef({ preferences, scheme, onFind });
  useEffect(() => {
    latest.current = { preferences, scheme, onFind };
  });

  useEffect(() => {
    const element = host.current;
    if (element === null) return undefined;
    const { preferences: at, scheme: colours } = latest.current;
    const encoder = new TextEncoder();
    const isShrunk = () => store.get().role === "viewer" && latest.current.preferences.isFitted;
    const screen = new XtermScreen(element, {
      theme: palettes[colours],
      fontSize: at.fontSize,
      screenReader: at.screenReader,
      renderer: at.renderer,
      onInput(text) {
        if (store.get().role === "viewer" && isReport(text)) return;
        connection.input(encoder.encode(ctrl.get() ? withCtrl(text) : text));
        ctrl.set(false);
      },
      mayCopy: () => store.get().role === "control" && document.hasFocus(),
      onSelection: setHasSelection,
      onFound: (count, shown) => setFound({ count, shown }),
      onKey: (event) => onKey(event, screen, latest.current.onFind),
    });
    const connection = new TerminalConnection({
      view: store,
      screen: {
        write: (bytes, done) => screen.write(bytes, done),
        restore: (state, done) => screen.restore(state, done),
        reset: () => screen.reset(),
        painted: () => screen.painted(),
        resize(cols, rows) {
          screen.resize(cols, rows);
          // Who watches sees all of it, whatever the size of the one who types.
          if (isShrunk()) screen.shrinkToFit();
        },
      },
      ticket: () => fetchTicket(sessionId, viewerName(latest.current.preferences.name, navigator.userAgent)),
      open: (ticket, listener) => openSocket(sessionId, ticket, listener),
      onUnauthorized: auth.expire,
    });

    const fit = () => {
      const size = screen.fitting();
      if (size !== null) connection.fit(size.cols, size.rows);
      if (isShrunk()) screen.shrinkToFit();
    };
    const observer = new ResizeObserver(fit);
    observer.observe(element);
    const pan = panByTouch(element);
    let role = store.get().role;
    const unsubscribe = store.subscribe(() => {
      if (store.get().role === role) return;
      role = store.get().role;
      fit();
    });
    const onOnline = () => connection.retry();
    window.addEventListener("online", onOnline);
    partsStore.set({ screen, connection });
    return () => {
      partsStore.set(null);
      window.removeEventListener("online", onOnline);
      unsubscribe();
      observer.disconnect();
      pan[Symbol.dispose]();
      connection[Symbol.dispose]();
      screen[Symbol.dispose]();
    };
  }, [auth, ctrl, host, partsStore, sessionId, store]);

  useEffect(() => {
    parts?.screen.setTheme(palettes[scheme]);
  }, [parts, scheme]);
  useEffect(() => {
    if (parts === null) return;
    parts.screen.setPreferences(preferences);
    const size = parts.screen.fitting();
    if (size !== null) parts.connection.fit(size.cols, size.rows);
    if (store.get().role === "viewer" && preferences.isFitted) parts.screen.shrinkToFit();
  }, [parts, preferences, store]);

  const called = useRef(preferences.name);
  useEffect(() => {
    if (called.current === preferences.name) return;
    called.current = preferences.name;
    parts?.connection.reconnect();
  }, [parts, preferences.name]);

  return { view, parts, hasSelection, found, isCtrl, setCtrl: ctrl.set };
}

/** Keys that are the page's rather than the program's, as other terminals in browsers have them. */
function onKey(event: KeyboardEvent, screen: XtermScreen, onFind: () => void): boolean {
  if (event.type !== "keydown" || !(event.shiftKey ? event.ctrlKey || event.metaKey : event.metaKey)) return false;
  const key = event.key.toLowerCase();
  if (key === "f") onFind();
  else if (key === "c" && screen.selection !== "")
    void navigator.clipboard?.writeText(screen.selection).catch(() => {});
  else return false;
  event.preventDefault();
  return true;
}
