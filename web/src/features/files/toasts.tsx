/** Short messages at the edge of the page: what was done, with a way back, and what could not be. */
import { Button, CloseButton } from "@mantine/core";
import { useEffect, useState } from "react";
import { createStore, type Store, useStore } from "../../lib/store.ts";
import classes from "./toasts.module.css";

interface Toast {
  id: number;
  level: "done" | "failed";
  text: string;
  action?: { label: string; run: () => void };
}

export interface Toasts {
  shown: Store<readonly Toast[]>;
  done(text: string, action?: Toast["action"]): void;
  failed(text: string): void;
  close(id: number): void;
}

/** Messages at one time. */
const maxShown = 4;
/** Milliseconds for which one stays that nobody points at. */
const shownMs = 10_000;

export function createToasts(): Toasts {
  const shown = createStore<readonly Toast[]>([]);
  let last = 0;
  const add = (toast: Omit<Toast, "id">) => shown.set([...shown.get(), { ...toast, id: ++last }].slice(-maxShown));
  return {
    shown,
    done: (text, action) => add({ level: "done", text, ...(action === undefined ? {} : { action }) }),
    failed: (text) => add({ level: "failed", text }),
    close: (id) => shown.set(shown.get().filter((toast) => toast.id !== id)),
  };
}

export function ToastList({ toasts }: { toasts: Toasts }) {
  const shown = useStore(toasts.shown);
  return (
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
    // What went wrong is read by whoever comes back to it.
    if (isHeld || level === "failed") return undefined;
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
