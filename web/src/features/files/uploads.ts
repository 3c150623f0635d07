/** Files on their way to the server: a few at a time, each with how far it is, and none over one that is there unasked. */
import { createStore, type Store } from "../../lib/store.ts";

export interface Upload {
  id: number;
  /** Below the workspace. */
  path: string;
  size: number;
  state:
    | { type: "waiting" }
    | { type: "sending"; sent: number }
    | { type: "done" }
    /** A file of that name is there: it is replaced when somebody says so. */
    | { type: "taken"; etag: string }
    | { type: "failed"; message: string };
}

/** How one file is sent. @throws whatever went wrong; Taken when something is there */
export type Send = (
  path: string,
  file: Blob,
  over: { etag: string } | "nothing",
  options: { signal: AbortSignal; onSent: (bytes: number) => void },
) => Promise<void>;

/** There is a file already, or by now another one than was to be replaced. */
export class Taken extends Error {
  override readonly name = "Taken";
  constructor(readonly etag: string) {
    super("There is a file of that name.");
  }
}

export interface Uploads {
  list: Store<readonly Upload[]>;
  /** @param files each with its path below the workspace */
  readonly add: (files: readonly { path: string; file: Blob }[]) => void;
  readonly replace: (id: number) => void;
  /** Sends once more what could not be sent. */
  readonly retry: (id: number) => void;
  /** Takes it out of the list; what is on its way is broken off. */
  readonly drop: (id: number) => void;
  /** Forgets all that is done, and breaks off the rest. */
  readonly close: () => void;
}

/** Files sent together. */
const maxTogether = 3;

/** @param onDone told the path of each file that is there */
export function createUploads(send: Send, onDone: (path: string) => void): Uploads {
  const list = createStore<readonly Upload[]>([]);
  const files = new Map<number, { file: Blob; over: { etag: string } | "nothing"; stop: AbortController }>();
  let last = 0;
  let running = 0;

  const set = (id: number, state: Upload["state"]) =>
    list.set(list.get().map((upload) => (upload.id === id ? { ...upload, state } : upload)));

  function next(): void {
    while (running < maxTogether) {
      const waiting = list.get().find(({ state }) => state.type === "waiting");
      if (waiting === undefined) return;
      running++;
      void run(waiting).finally(() => {
        running--;
        next();
      });
    }
  }

  async function run({ id, path }: Upload): Promise<void> {
    const kept = files.get(id);
    if (kept === undefined) return;
    set(id, { type: "sending", sent: 0 });
    try {
      const onSent = (sent: number) => set(id, { type: "sending", sent });
      await send(path, kept.file, kept.over, { signal: kept.stop.signal, onSent });
      files.delete(id);
      set(id, { type: "done" });
      onDone(path);
    } catch (error) {
      if (error instanceof Taken) return set(id, { type: "taken", etag: error.etag });
      set(id, { type: "failed", message: (error as Error).message });
    }
  }

  return {
    list,
    add(added) {
      const made = added.map(({ path, file }): Upload => {
        const id = ++last;
        files.set(id, { file, over: "nothing", stop: new AbortController() });
        return { id, path, size: file.size, state: { type: "waiting" } };
      });
      list.set([...list.get(), ...made]);
      next();
    },
    replace(id) {
      const upload = list.get().find((each) => each.id === id);
      const kept = files.get(id);
      if (upload?.state.type !== "taken" || kept === undefined) return;
      files.set(id, { ...kept, over: { etag: upload.state.etag } });
      set(id, { type: "waiting" });
      next();
    },
    retry(id) {
      const upload = list.get().find((each) => each.id === id);
      if (upload?.state.type !== "failed" || !files.has(id)) return;
      set(id, { type: "waiting" });
      next();
    },
    drop(id) {
      files.get(id)?.stop.abort();
      files.delete(id);
      list.set(list.get().filter((upload) => upload.id !== id));
    },
    close() {
      for (const { stop } of files.values()) stop.abort();
      files.clear();
      list.set([]);
    },
  };
}
