/** The conversation of the page: one reply at a time, each of which can be stopped. */
import { useCallback, useEffect, useReducer, useRef } from "react";
import { answer as answerOf } from "./answer.ts";
import { type Asked, changed, type Entry, isAnswering } from "./conversation.ts";
import type { ChatSettings } from "./request.ts";

export interface Chat {
  entries: readonly Entry[];
  answering: boolean;
  /** Says something, at the end or in the place of an earlier message: everything after that is then said anew. */
  ask: (message: Omit<Asked, "role">, at?: number) => void;
  /** Asks once more for the last reply. */
  again: () => void;
  stop: () => void;
  clear: () => void;
}

export function useChat(settings: ChatSettings): Chat {
  const [entries, dispatch] = useReducer(changed, []);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  const answer = useCallback(
    (said: readonly Entry[]) => {
      running.current?.abort();
      const controller = new AbortController();
      running.current = controller;
      dispatch({ type: "answering", at: said.length });
      void answerOf(settings, said, {
        signal: controller.signal,
        // What an earlier reply still had to say is not this one's.
        onChange: (change) => {
          if (running.current === controller) dispatch(change);
        },
      });
    },
    [settings],
  );

  return {
    entries,
    answering: isAnswering(entries),
    ask({ text, pictures }, at = entries.length) {
      dispatch({ type: "asked", at, text, pictures });
      answer([...entries.slice(0, at), { role: "user", text, pictures }]);
    },
    again() {
      if (entries.at(-1)?.role === "assistant") answer(entries.slice(0, -1));
    },
    stop: () => running.current?.abort(),
    clear() {
      running.current?.abort();
      running.current = null;
      dispatch({ type: "cleared" });
    },
  };
}
