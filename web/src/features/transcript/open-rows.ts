/** Which parts of a transcript are folded open. Kept outside the rows, which come and go as one scrolls. */
import { createContext, useCallback, useContext, useSyncExternalStore } from "react";
import { createStore, type Store } from "../../lib/store.ts";

export type OpenRows = Store<ReadonlyMap<string, boolean>>;

export const createOpenRows = (): OpenRows => createStore<ReadonlyMap<string, boolean>>(new Map());

const context = createContext<OpenRows | null>(null);
export const OpenRowsProvider = context.Provider;

/** @param isOpen at first */
export function useOpen(key: string, isOpen = false): [boolean, () => void] {
  const store = useContext(context);
  if (store === null) throw new Error("useOpen outside of OpenRowsProvider");
  const open = useSyncExternalStore(store.subscribe, () => store.get().get(key) ?? isOpen);
  const toggle = useCallback(() => store.set(new Map(store.get()).set(key, !open)), [store, key, open]);
  return [open, toggle];
}
