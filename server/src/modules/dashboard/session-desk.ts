/** Sessions as the dashboard has them: with their workspace instead of a folder, and under a person's own names and tags. */
import { type ChangeSessionRequest, limits, type SessionSummary, type SessionViewer } from "@lodge/shared";
import { SessionError, type SessionManager, type SessionSnapshot } from "../../sessions/index.ts";
import type { CatalogPlace, SessionCatalogStore } from "../../store/session-catalog-store.ts";
import type { Workspaces } from "../../workspaces/workspaces.ts";
import type { FeedChange } from "./feed.ts";

export interface SessionDeskParts {
  sessions: SessionManager;
  catalog: SessionCatalogStore;
  workspaces: Workspaces;
  /** Who looks at a session's terminal. */
  viewers: (id: string) => SessionViewer[];
}

export class SessionDesk {
  readonly catalog: SessionCatalogStore;
  readonly #sessions: SessionManager;
  readonly #workspaces: Workspaces;
  readonly #viewers: SessionDeskParts["viewers"];
  readonly #listeners = new Set<(change: FeedChange) => void>();

  constructor({ sessions, catalog, workspaces, viewers }: SessionDeskParts) {
    this.catalog = catalog;
    this.#sessions = sessions;
    this.#workspaces = workspaces;
    this.#viewers = viewers;
  }

  summary({ cwd, owner: _owner, ...session }: SessionSnapshot): SessionSummary {
    const { title, tags } = this.catalog.label(session.id);
    const viewers = this.#viewers(session.id);
    return {
      ...session,
      title: title || session.title,
      tags,
      workspace: this.workspaceName(cwd),
      ...(viewers.length === 0 ? {} : { viewers }),
    };
  }

  /** Null when there never was such a session. */
  session(id: string): SessionSummary | null {
    const found = this.#sessions.get(id);
    return found && this.summary(found);
  }

  title(id: string): string | null {
    return this.session(id)?.title ?? null;
  }

  /** Live ones first, then the most recently active. */
  list(limit: number): SessionSummary[] {
    return this.#sessions.list(limit).map((session) => this.summary(session));
  }

  /** All that ever were, the most recently active first. */
  *all(): Generator<SessionSummary> {
    let last: CatalogPlace | null = null;
    for (;;) {
      const places: CatalogPlace[] = this.catalog.page({}, last, limits.sessions);
      for (const { id } of places) {
        const session = this.session(id);
        if (session) yield session;
      }
      last = places.at(-1) ?? null;
      if (last === null) return;
    }
  }

  /** The folder that a workspace's name stands for; there need not be one any more. */
  workspacePath(name: string): string {
    return name === "" ? this.#workspaces.root : `${this.#workspaces.root}/${name}`;
  }

  /** The folder itself where it is none of a workspace. */
  workspaceName(cwd: string): string {
    return this.#workspaces.nameOf(cwd) ?? cwd;
  }

  /** Calls back on every change of every session; the return value ends that. */
  subscribe(listener: (change: FeedChange) => void): () => void {
    const unsubscribe = this.#sessions.subscribe((change) =>
      listener(
        change.type === "changed"
          ? { type: "session", session: this.summary(change.session) }
          : { type: "session_removed", id: change.id },
      ),
    );
    this.#listeners.add(listener);
    return () => {
      unsubscribe();
      this.#listeners.delete(listener);
    };
  }

  /** It is others who look at a session's terminal. One that only waits warm is nobody's session, and is not told of. */
  viewersChanged(id: string): void {
    const session = this.session(id);
    if (session && (session.title !== "" || session.attended !== undefined)) this.#announce(session);
  }

  /** @throws SessionError `session_unknown`, `session_busy` where nothing was said yet */
  change(id: string, change: ChangeSessionRequest): SessionSummary {
    if (!this.#sessions.get(id)) throw new SessionError("session_unknown", "There is no session with that id.");
    const label = this.catalog.label(id);
    const tags = change.tags === undefined ? label.tags : [...new Set(change.tags)];
    if (!this.catalog.setLabel(id, { title: change.title ?? label.title, tags })) {
      const words = "Nothing was said in the session yet: it can be named after its first turn.";
      throw new SessionError("session_busy", words, { retryAfter: 1 });
    }
    return this.#tell(id);
  }

  /** @throws SessionError `session_unknown`, `session_busy`, `transcript_unreadable` */
  async fork(id: string, entry: string | undefined): Promise<SessionSummary> {
    // An entry that is not the first of its record has a number behind the record's own id.
    const fork = await this.#sessions.fork(id, entry?.replace(/\.\d+$/, ""));
    const { title } = this.session(id) ?? fork;
    this.catalog.setLabel(fork.id, { title: `${title.slice(0, 180)} (fork)`, tags: this.catalog.label(id).tags });
    return this.#tell(fork.id);
  }

  /** @throws SessionError `session_unknown`, `session_busy` */
  delete(id: string): Promise<void> {
    return this.#sessions.delete(id);
  }

  #tell(id: string): SessionSummary {
    const session = this.session(id);
    if (!session) throw new SessionError("session_unknown", "The session was deleted meanwhile.");
    this.#announce(session);
    return session;
  }

  #announce(session: SessionSummary): void {
    for (const listener of this.#listeners) listener({ type: "session", session });
  }
}
