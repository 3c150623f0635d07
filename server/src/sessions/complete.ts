/** The shortest way to a turn: a conversation as a stateless client holds it, and everything asked of the turn in one object. */
import type { AssistantBlock, Message, UserBlock } from "./conversation.ts";
import type { SessionEvent } from "./events.ts";
import type { LaunchRequest } from "./launch.ts";
import type { Turn, TurnRequest } from "./turn-runner.ts";

/** A message; text alone may be a string. */
export type Said =
  | { role: "user"; content: string | readonly UserBlock[] }
  | { role: "assistant"; content: string | readonly AssistantBlock[] };

/** `mode` is `agent` and `cwd` this process's own folder when absent. */
export type CompleteOptions = Partial<Pick<LaunchRequest, "mode" | "cwd">> &
  Omit<LaunchRequest, "mode" | "cwd"> &
  Omit<TurnRequest, "messages" | "launch">;

/** @throws SessionError from the iteration */
export async function* complete(
  start: (request: TurnRequest) => Promise<Turn>,
  said: readonly Said[],
  options: CompleteOptions,
): AsyncGenerator<SessionEvent> {
  const { calls, session, sessionMustExist, injection, completeHistory, signal, keepRunning, timeoutMs, ...launch } =
    options;
  const turn = await start({
    messages: said.map(toMessage),
    launch: { mode: "agent", cwd: process.cwd(), ...launch },
    calls,
    session,
    ...(sessionMustExist === undefined ? {} : { sessionMustExist }),
    injection,
    completeHistory,
    signal,
    ...(keepRunning === undefined ? {} : { keepRunning }),
    timeoutMs,
  });
  yield* turn.events;
}

function toMessage({ role, content }: Said): Message {
  const blocks = typeof content === "string" ? [{ type: "text", text: content }] : [...content];
  return { role, content: blocks } as Message;
}
