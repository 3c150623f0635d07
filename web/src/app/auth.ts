/** Whether this browser is logged in. The cookie cannot be read here, so the server's answers tell. */
import type { QueryClient } from "@tanstack/react-query";
import { answer, api, ApiFailure } from "../lib/api.ts";
import { createQueryClient, serverQuery } from "../lib/queries.ts";
import { createStore } from "../lib/store.ts";

export type AuthState = { status: "checking" } | { status: "in" } | { status: "out"; problem: string | null };

export type Auth = ReturnType<typeof createAuth>;

export function createAuth() {
  const state = createStore<AuthState>({ status: "checking" });
  const queryClient: QueryClient = createQueryClient(() => leave(null));

  /** The address stays as it is, so that a login leads back to where one was. */
  function leave(problem: string | null): void {
    // Nothing stays on the screen or in memory for whoever comes next.
    queryClient.clear();
    state.set({ status: "out", problem });
  }

  /** Whether the cookie is good. Only a refusal says that it is not: without an answer, the frame shows what is wrong. */
  async function check(problem: string | null): Promise<void> {
    try {
      await queryClient.fetchQuery({ ...serverQuery, staleTime: 0 });
    } catch (error) {
      if (error instanceof ApiFailure && error.status === 401) return leave(problem);
    }
    state.set({ status: "in" });
  }

  /** What is wrong, in words for the person who typed the token; null when they are in. */
  async function login(token: string): Promise<string | null> {
    try {
      await answer(api.login.post({ token }));
    } catch (error) {
      return loginProblem(error);
    }
    await check("The server took the token, but this browser did not keep the cookie. Allow cookies for this address.");
    return null;
  }

  return {
    state,
    queryClient,
    login,
    expire: () => leave(null),
    /** On load: with the token of the link that was followed, or with the cookie that may be there. */
    async begin(token: string | null): Promise<void> {
      const problem = token === null ? null : await login(token);
      if (token === null || problem !== null) await check(problem);
    },
    /** Rejects when the server did not hear of it, since then the cookie is still good. */
    async logout(): Promise<void> {
      await answer(api.logout.post({}));
      leave(null);
    },
  };
}

function loginProblem(error: unknown): string {
  if (!(error instanceof ApiFailure)) throw error;
  if (error.status === 401) {
    return "That is not this server's token. It may have been started anew with another one: take it from the latest ready line.";
  }
  if (error.status === 0) return `${error.message} Check that Lodge is running, then try again.`;
  if (error.status === 422) return "That cannot be a token: it is empty or too long.";
  return error.message;
}
