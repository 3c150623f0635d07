/** Tells a person of a session that waits for them while they look at something else, if they asked to be told. */
import type { SessionSummary } from "@lodge/shared";
import { useLocalStorage } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { sessionsQuery } from "../lib/queries.ts";
import { waitsForPerson } from "../lib/sessions-state.ts";

export interface AttentionSetting {
  /** Whether this browser can show notifications at all: only on a secure origin or the machine itself. */
  isPossible: boolean;
  isOn: boolean;
  /** Asks the browser's user for leave when that is still open. */
  set: (on: boolean) => Promise<void>;
}

export function useAttentionSetting(): AttentionSetting {
  const [isWanted, setWanted] = useLocalStorage({
    key: "lodge-notifications",
    defaultValue: false,
    getInitialValueInEffect: false,
  });
  const isPossible = "Notification" in window && window.isSecureContext;
  return {
    isPossible,
    isOn: isPossible && isWanted && Notification.permission === "granted",
    async set(on) {
      if (on && Notification.permission === "default") await Notification.requestPermission();
      setWanted(on && Notification.permission === "granted");
    },
  };
}

export function useAttention(): void {
  const { isOn } = useAttentionSetting();
  const navigate = useNavigate();
  const { data: sessions } = useQuery(sessionsQuery);
  // Each wait is told of once: a session that waits again does so since another moment.
  const told = useRef<Set<string> | null>(null);
  useEffect(() => {
    if (sessions === undefined) return;
    const waiting = sessions.filter(({ state }) => waitsForPerson(state));
    const before = told.current;
    told.current = new Set(waiting.map(waitOf));
    // What waited already when the page was opened is on the page.
    if (!isOn || before === null || document.visibilityState === "visible") return;
    for (const session of waiting) {
      if (before.has(waitOf(session))) continue;
      const notice = new Notification(`${session.title || "A session"} waits for you`, {
        body: session.state.name === "waiting" ? session.state.detail : "",
        tag: session.id,
      });
      notice.addEventListener("click", () => {
        window.focus();
        void navigate({ to: "/sessions/$id", params: { id: session.id } });
        notice.close();
      });
    }
  }, [sessions, isOn, navigate]);
}

const waitOf = ({ id, state }: SessionSummary): string => `${id} ${state.name === "waiting" ? state.since : 0}`;
