/** Short messages at the edge of the page: what was done, with a way back; what could not be; and what needs a person. */
import { Button, CloseButton } from "@mantine/core";
import { useEffect, useState } from "react";
import { createStore, type Store, useStore } from "./store.ts";
import classes from "./toasts.module.css";

interface Toast {
  id: number;
  level: "done" | "failed" | "waiting";
  text: string;
  action?: { label: string; run: () => void };
}

export interface Toasts {
  shown: Store<readonly Toast[]>;
  done(text: string, action?: Toast["action"]): void;
  failed(text: string): void;
  /** Stays until it is closed. @returns its id */
  waiting(text: string, action: Toast["action"]): number;
  close(id: number): void;
  clear(): void;
}

/** Messages at one time. */
const maxShown = 4;
/** Milliseconds for which one stays that nobody points at. */
const shownMs = 10_000;

export function createToasts(): Toasts {
  const shown = createStore<readonly Toast[]>([]);
  let last = 0;
  const add = (level: Toast["level"], text: string, action?: Toast["action"]): number => {
    const toast = { id: ++last, level, text, ...(action === undefined ? {} : { action }) };
    shown.set([...shown.get(), toast].slice(-maxShown));
    return last;
  };
  return {
    shown,
    done: (text, action) => void add("done", text, action),
    failed: (text) => void add("failed", text),
    waiting: (text, action) => add("waiting", text, action),
    close: (id) => shown.set(shown.get().filter((toast) => toast.id !== id)),
    clear: () => shown.set([]),
  };
}

export function ToastList({ toasts }: { toasts: Toasts }) {
  const shown = useStore(toasts.shown);
  // Nothing of it is left for whoever logs in next.
  useEffect(() => () => toasts.clear(), [toasts]);
  return (
    // Always there: a region that appears together with its words is not read out.
    <div className={classes["list"]} role="status" aria-label="Messages">
      {shown.map((toast) => (
        <ToastView key={toast.id} toast={toast} onClose={() => toasts.close(toast.id)} />
      ))}
    </div>
  );
}

function ToastView({ toast: { level, text, action }, onClose }: { toast: Toast; onClose: () => void }) {
  const [isHeld, setIsHeld] = useState(false);
  useEffect(() => {
    // What went wrong, or waits, is read by whoever comes back to it.
    if (isHeld || level !== "done") return undefined;
    const timer = setTimeout(onClose, shownMs);
    return () => clearTimeout(timer);
  }, [isHeld, level, onClose]);
  return (
    <div
      className={classes["toast"]}
      data-level={level}
      onPointerEnter={() => setIsHeld(true)}
      onPointerLeave={() => setIsHeld(false)}
      onFocus={() => setIsHeld(true)}
      onBlur={() => setIsHeld(false)}
    >
      <p>{text}</p>
      {action === undefined ? null : (
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => {
            onClose();
            action.run();
          }}
        >
          {action.label}
        </Button>
      )}
      <CloseButton size="sm" aria-label="Close this message" onClick={onClose} />
    </div>
  );
}
