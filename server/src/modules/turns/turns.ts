/**
 * From a parsed request of any family to a running turn, and from the turn to what that family's reply is made of. The
 * families differ only in how they write down both ends.
 */
import type { SessionMode } from "@lodge/shared";
import { ApiError } from "../../http/errors.ts";
import { contextOf } from "../../http/request-context.ts";
import { latestConversation } from "../../jobs/latest.ts";
import {
  type ClientTool,
  type Message,
  type OutputFormat,
  Reply,
  type ReplyEvent,
  type SessionManager,
  type ToolChoice,
  type Turn,
} from "../../sessions/index.ts";
import { WorkspaceError, type Workspaces } from "../../workspaces/workspaces.ts";
import { readSessionHeaders } from "./headers.ts";
import { Limiter } from "./limits.ts";
import { Meter } from "./meter.ts";
import { requestedModel } from "./requested-model.ts";
import { bringsTools, toolsOf } from "./tools.ts";

export interface TurnServices {
  sessions: SessionManager;
  workspaces: Workspaces;
  defaultMode: SessionMode;
}

/** What every family's request comes down to. */
export interface FamilyRequest {
  model: string | undefined;
  system: string | undefined;
  messages: Message[];
  effort?: "low" | "medium" | "high" | "xhigh" | "max" | undefined;
  /** Tools that the client executes; a reply may end in calls of them. */
  tools?: ClientTool[] | undefined;
  toolChoice?: ToolChoice | undefined;
  /** Whether one reply may end in several calls; it may when absent. */
  parallelToolCalls?: boolean | undefined;
  /** Output tokens after which the reply is cut; at least 1. */
  maxTokens?: number | undefined;
  /** The reply ends before the first of these that its text would hold. None is empty. */
  stopSequences?: string[] | undefined;
  outputFormat?: OutputFormat | undefined;
  /** Whether the client wants to see the model think. */
  thinking: boolean;
  /** What was asked for, accepted, and has no effect; the reply names it. */
  ignored: string[];
}

export interface OpenReply {
  turn: Turn;
  /** Headers of the reply, whichever way it is sent. */
  headers: Record<string, string>;
  /** Resolves when the first event is there; rejects with what came instead, which can still become a status. */
  begun: Promise<void>;
  events: AsyncIterable<ReplyEvent>;
}

/** Starts the turn; resolves when its session has taken it. */
export async function openReply(
  { sessions, workspaces, defaultMode }: TurnServices,
  request: Request,
  family: FamilyRequest,
): Promise<OpenReply> {
  const asked = readSessionHeaders(request.headers);
  const { model, mode: suffix } = requestedModel(family.model, sessions.processInfo?.models ?? []);
  // Who brings tools wants a model, not an agent with tools of its own.
  const mode = asked.mode ?? suffix ?? (bringsTools(family) ? "model" : defaultMode);
  const { clientTools, calls } = toolsOf(family);
  const cwd = await folderOf(workspaces, asked.workspace);
  const turn = await sessions.start({
    messages: family.messages,
    launch: {
      mode,
      cwd,
      model,
      driver: asked.driver,
      // An agent keeps the CLI's own instructions: without them its tools are of little use.
      ...(mode === "model"
        ? { systemPrompt: family.system, appendSystemPrompt: asked.appendSystemPrompt }
        : { appendSystemPrompt: joined(family.system, asked.appendSystemPrompt) }),
      effort: asked.effort ?? family.effort,
      permissionMode: asked.permissionMode,
      maxTurns: asked.maxTurns,
      clientTools,
    },
    calls,
    session: asked.session ?? (asked.continue ? latestConversation(sessions, cwd, mode) : undefined),
    signal: request.signal,
    keepRunning: asked.keepRunning,
    timeoutMs: asked.timeoutMs,
  });
  const context = contextOf(request);
  context.sessionId = turn.sessionId;
  context.source = turn.source;
  const headers: Record<string, string> = {
    "x-claude-session": turn.sessionId,
    "x-lodge-session-source": turn.source,
    ...(family.ignored.length === 0 ? {} : { "x-lodge-ignored": family.ignored.join(", ") }),
  };
  return { turn, headers, ...withBeginning(replyEvents(turn, family)) };
}

async function folderOf(workspaces: Workspaces, name: string): Promise<string> {
  try {
    return await workspaces.resolve(name);
  } catch (error) {
    if (!(error instanceof WorkspaceError)) throw error;
    throw new ApiError("invalid_request", error.message, { param: "x-claude-workspace", cause: error });
  }
}

function joined(...parts: (string | undefined)[]): string | undefined {
  const present = parts.filter((part) => part !== undefined && part !== "");
  return present.length === 0 ? undefined : present.join("\n\n");
}

/** A reply that is cut leaves the turn's events early, and so ends the turn and its process. */
async function* replyEvents(turn: Turn, { thinking, ...limits }: FamilyRequest): AsyncGenerator<ReplyEvent> {
  const reply = new Reply({ thinking });
  const limiter = new Limiter(limits);
  const meter = new Meter();
  for await (const event of turn.events) {
    meter.push(event);
    for (const visible of reply.push(event)) {
      yield* limiter.push(visible);
      if (!limiter.cut) continue;
      yield { type: "stop", ...limiter.cut, usage: meter.usage };
      return;
    }
  }
}

/** The same events, and apart from them the news of the first. */
function withBeginning(events: AsyncGenerator<ReplyEvent>): Pick<OpenReply, "begun" | "events"> {
  const first = events.next();
  const begun = first.then(() => {});
  // Whoever reads the events hears of it there.
  begun.catch(() => {});
  return { begun, events: replay() };

  async function* replay(): AsyncGenerator<ReplyEvent> {
    try {
      const { value, done } = await first;
      if (done) return;
      yield value;
      yield* events;
    } finally {
      await events.return(undefined);
    }
  }
}
