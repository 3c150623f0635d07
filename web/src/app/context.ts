/** What the frame gives to everything inside it. */
import { createContext, useContext } from "react";
import type { Connection } from "../lib/live-events.ts";
import { createStore, type Store } from "../lib/store.ts";
import { createToasts, type Toasts } from "../lib/toasts.tsx";
import type { Auth } from "./auth.ts";

export interface AppContext {
  auth: Auth;
  connection: Store<Connection>;
  /** Tries at once to reach the server. */
  retryNow: Store<() => void>;
  toasts: Toasts;
}

const context = createContext<AppContext | null>(null);
export const AppProvider = context.Provider;

export function createAppContext(auth: Auth): AppContext {
  return {
    auth,
    connection: createStore<Connection>({ status: "connecting" }),
    retryNow: createStore(() => {}),
    toasts: createToasts(),
  };
}

export function useApp(): AppContext {
  const value = useContext(context);
  if (value === null) throw new Error("useApp outside of AppProvider");
  return value;
}
