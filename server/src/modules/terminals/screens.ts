/** Every live session has a screen: the terminal that its process runs on, or a log of what it says. */
import type { SessionState, TerminalState } from "@lodge/shared";
import type { DriverTerminal, LiveProcess, SessionManager } from "../../sessions/index.ts";
import type { LiveTerminal, Recordings, TerminalHub, TerminalObserver, TerminalSource } from "../../terminals/index.ts";
import { LogRenderer } from "./log/renderer.ts";
import { LogSource } from "./log/source.ts";

interface Log {
  source: LogSource;
  renderer: LogRenderer;
}

export interface ScreenOptions {
  recordings: Recordings;
  /** Told of what those who watch a session's terminal do. */
  observer: (sessionId: string) => TerminalObserver;
  /** Told when it is others who look at a session's terminal, or another who types. */
  onViewers: (sessionId: string) => void;
  onProblem: (error: unknown) => void;
}

/** Opens a terminal for each process, now and from now on, until disposed. */
export function showSessions(
  sessions: SessionManager,
  hub: TerminalHub,
  { recordings, observer, onViewers, onProblem }: ScreenOptions,
): Disposable {
  const logs = new Map<string, Log>();

  const launched = ({ sessionId, driver, terminal: pty, exited, isHandedOn }: LiveProcess) => {
    const log = pty ? undefined : { source: new LogSource(), renderer: new LogRenderer() };
    const source = pty ? ptySource(pty) : log?.source;
    if (!source) return;
    const terminal: LiveTerminal = hub.open({
      sessionId,
      driver,
      source,
      state: stateOf(sessions.get(sessionId)?.state ?? { name: "starting" }),
      observer: watched(sessionId, observer(sessionId)),
      record: (recorded) => recordings.record(recorded),
      onProblem,
    });
    if (log) logs.set(sessionId, log);
    void exited.then((code) => {
      if (log && logs.get(sessionId) === log) logs.delete(sessionId);
      log?.source.flush();
      hub.end(terminal, { name: "exited", code }, isHandedOn());
      // A process that only waited warm: nobody will ask for what it showed.
      if (sessions.get(sessionId) === null) void recordings.removeSession(sessionId);
    });
  };

  /** A session that a person has is theirs while somebody looks at it. */
  const watched = (sessionId: string, inner: TerminalObserver): TerminalObserver => {
    const look = () => {
      sessions.watch(sessionId, (hub.get(sessionId)?.viewers.size ?? 0) > 0);
      onViewers(sessionId);
    };
    return {
      ...inner,
      attached: (viewer) => {
        inner.attached(viewer);
        look();
      },
      left: (viewer) => {
        inner.left(viewer);
        look();
      },
      controlTaken: (viewer) => {
        inner.controlTaken(viewer);
        sessions.tookKeyboard(sessionId, viewer.name);
        onViewers(sessionId);
      },
      controlGivenUp: (viewer) => {
        inner.controlGivenUp(viewer);
        onViewers(sessionId);
      },
    };
  };

  const write = (sessionId: string, render: (renderer: LogRenderer) => string) => {
    const log = logs.get(sessionId);
    log?.source.write(() => render(log.renderer));
  };

  const stack = new DisposableStack();
  stack.defer(
    sessions.observe({
      launched,
      asked: (id, input) => {
        write(id, (renderer) => renderer.asked(input));
        const text = input.map((block) => (block.type === "text" ? block.text : "")).join(" ");
        if (text.trim() !== "") recordings.mark(id, text);
      },
      said: (id, event) => write(id, (renderer) => renderer.said(event)),
      failed: (id, error) => write(id, (renderer) => renderer.failed(error)),
    }),
  );
  stack.defer(
    sessions.subscribe((change) => {
      if (change.type === "changed") hub.get(change.session.id)?.setState(stateOf(change.session.state));
      else void recordings.removeSession(change.id);
    }),
  );
  return stack;
}

function ptySource(terminal: DriverTerminal): TerminalSource {
  return {
    size: terminal.size,
    onOutput: (listener) => terminal.onOutput(listener),
    keyboard: {
      write: (bytes) => terminal.write(bytes),
      resize: ({ cols, rows }) => terminal.resize(cols, rows),
      pause: () => terminal.pause(),
      resume: () => terminal.resume(),
    },
  };
}

function stateOf(state: SessionState): TerminalState {
  switch (state.name) {
    case "starting":
      return { name: "starting" };
    case "ready":
      return { name: "waiting" };
    case "busy":
    case "ending":
      return { name: "running" };
    case "waiting":
      // The client is asked for results of its tools, not a person for a decision.
      return state.reason === "tool" ? { name: "running" } : { name: "attention", detail: state.detail };
    case "hibernated":
    case "ended":
      return { name: "exited", code: null };
  }
}
