/**
 * Tells a person of a session that waits for them: by a message on whichever page they look at, and by one of the browser
 * while they look at something else, if they asked for that.
 */
import type { SessionSummary } from "@lodge/shared";
import { useLocalStorage } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useLocation, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { sessionsQuery } from "../lib/queries.ts";
import { waitsForPerson } from "../lib/sessions-state.ts";
import { useApp } from "./context.ts";

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

/** A session that waits, and its message on the page; null where it has none. */
type Told = Map<string, number | null>;

export function useAttention(): void {
  const { isOn } = useAttentionSetting();
  const { toasts } = useApp();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const { data: sessions } = useQuery(sessionsQuery);
  // Each wait is told of once: a session that waits again does so since another moment.
  const told = useRef<Told | null>(null);

  useEffect(() => {
    if (sessions === undefined) return;
    const before = told.current;
    const now: Told = new Map();
    told.current = now;
    for (const session of sessions) {
      if (!waitsForPerson(session.state)) continue;
      const wait = waitOf(session);
      const isNew = before !== null && !before.has(wait);
      const show = () => void navigate({ to: "/sessions/$id", params: { id: session.id } });
      // What waited already when the page was opened is on the page.
      now.set(wait, isNew && !isShown(session) ? toasts.waiting(wordsOf(session), { label: "Show", run: show }) : null);
      if (isNew && isOn && document.visibilityState === "hidden") notify(session, show);
      if (!isNew) now.set(wait, before?.get(wait) ?? null);
    }
    // Somebody has answered.
    for (const [wait, toast] of before ?? []) if (!now.has(wait) && toast !== null) toasts.close(toast);
  }, [sessions, isOn, navigate, toasts]);

  useEffect(() => {
    for (const [wait, toast] of told.current ?? [])
      if (toast !== null && pathname === pathOf(wait.slice(0, wait.indexOf(" ")))) toasts.close(toast);
  }, [pathname, toasts]);
}

function notify(session: SessionSummary, onClick: () => void): void {
  const notice = new Notification(`${session.title || "A session"} waits for you`, {
    body: detailOf(session),
    tag: session.id,
  });
  notice.addEventListener("click", () => {
    window.focus();
    onClick();
    notice.close();
  });
}

/** Whether the page that is open says it by itself: the overview does so for all of them. */
const isShown = ({ id }: SessionSummary): boolean => ["/", pathOf(id)].includes(window.location.pathname);
const pathOf = (id: string): string => `/sessions/${id}`;

const waitOf = ({ id, state }: SessionSummary): string => `${id} ${state.name === "waiting" ? state.since : 0}`;
const detailOf = ({ state }: SessionSummary): string => (state.name === "waiting" ? state.detail : "");

function wordsOf(session: SessionSummary): string {
  const detail = detailOf(session);
  return `${session.title || "A session"} waits for you${detail === "" ? "." : `: ${detail}`}`;
}
