/**
 * From a parsed request of any family to a running turn, and from the turn to what that family's reply is made of. The
 * families differ only in how they write down both ends.
 */
import type { SessionMode, WorkspaceSettings } from "@lodge/shared";
import { type Caller, requireScope } from "../../auth/caller.ts";
import { requireSession, workspaceFor } from "../../auth/guard.ts";
import { ApiError } from "../../http/errors.ts";
import { callerOf, contextOf } from "../../http/request-context.ts";
import { latestConversation } from "../../jobs/latest.ts";
import {
  type ClientTool,
  type EffortLevel,
  type Message,
  type ReplyEvent,
  type SessionManager,
  type ToolChoice,
  type Turn,
} from "../../sessions/index.ts";
import { WorkspaceError, type Workspaces } from "../../workspaces/workspaces.ts";
import { type AskedFormat, formatOf } from "./format.ts";
import { readSessionHeaders } from "./headers.ts";
import { ignoredHeader } from "./ignored-header.ts";
import type { Media } from "./media/media.ts";
import { replyEvents } from "./reply-events.ts";
import { requestedModel } from "./requested-model.ts";
import { type ThinkingLimit, thinkingOf, unheeded } from "./thinking.ts";
import { bringsTools, requireResults, toolsOf } from "./tools.ts";

export interface TurnServices {
  sessions: SessionManager;
  workspaces: Workspaces;
  media: Media;
  defaultMode: SessionMode;
  /** What is set for a workspace. */
  settings: (workspace: string) => Pick<WorkspaceSettings, "model" | "mode" | "hint" | "mcpServers">;
}

/** What every family's request comes down to. */
export interface FamilyRequest {
  model: string | undefined;
  system: string | undefined;
  messages: Message[];
  effort?: EffortLevel | undefined;
  /** How long it may think, where the request says; the model is not asked for less when absent. */
  thinkingLimit?: ThinkingLimit | undefined;
  /** Tools that the client executes; a reply may end in calls of them. */
  tools?: ClientTool[] | undefined;
  toolChoice?: ToolChoice | undefined;
  /** Whether one reply may end in several calls; it may when absent. */
  parallelToolCalls?: boolean | undefined;
  /** Output tokens after which the reply is cut; at least 1. */
  maxTokens?: number | undefined;
  /** The reply ends before the first of these that its text would hold. None is empty. */
  stopSequences?: string[] | undefined;
  /** The reply's text is a JSON document of this shape. */
  outputFormat?: AskedFormat | undefined;
  /** Whether the client is shown the reply as it comes. */
  live?: boolean | undefined;
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
  { sessions, workspaces, media, defaultMode, settings }: TurnServices,
  request: Request,
  family: FamilyRequest,
): Promise<OpenReply> {
  const asked = readSessionHeaders(request.headers);
  const { model, mode: suffix } = requestedModel(family.model, sessions.processInfo?.models ?? []);
  const { clientTools, calls } = toolsOf(family);
  requireResults(family);
  const format = formatOf(family.outputFormat);
  const caller = callerOf(request);
  const { owner } = caller;
  const cwd = await folderOf(workspaces, asked.workspace, caller, "x-claude-workspace");
  const additionalDirectories = await Promise.all(
    (asked.addDirs ?? []).map((name) => folderOf(workspaces, name, caller, "x-claude-add-dirs")),
  );
  // Hooks among them are run as the server's own user, and nobody is asked.
  if (asked.settings) requireScope(caller, ["admin"]);
  const preferred = settings(workspaces.nameOf(cwd) ?? "");
  // Who brings tools wants a model, not an agent with tools of its own.
  const mode = asked.mode ?? suffix ?? (bringsTools(family) ? "model" : (preferred.mode ?? defaultMode));
  requireSession(caller, { sessions, workspaces }, asked.session);
  caller.requireFunds();
  const turn = await sessions.start({
    messages: await media.ofInput(family.messages, request.signal),
    completeHistory: (history) => media.ofAll(history, request.signal),
    launch: {
      owner,
      mode,
      cwd,
      model: model ?? preferred.model ?? undefined,
      driver: asked.driver,
      // An agent keeps the CLI's own instructions: without them its tools are of little use.
      ...(mode === "model"
        ? { systemPrompt: family.system, appendSystemPrompt: asked.appendSystemPrompt }
        : {
            appendSystemPrompt: joined(preferred.hint ?? undefined, family.system, asked.appendSystemPrompt),
            folderMcpServers: preferred.mcpServers ?? undefined,
          }),
      effort: asked.effort ?? family.effort,
      thinking: thinkingOf(family.thinkingLimit, family.thinking),
      permissionMode: asked.permissionMode,
      allowedTools: asked.allowedTools,
      disallowedTools: asked.disallowedTools,
      mcpServers: asked.mcpServers,
      additionalDirectories,
      agent: asked.agent,
      settings: asked.settings,
      maxTurns: asked.maxTurns,
      maxBudgetUsd: asked.maxBudgetUsd,
      clientTools,
      outputFormat: format?.outputFormat,
    },
    calls,
    session: asked.session ?? (asked.continue ? latestConversation(sessions, cwd, mode, owner) : undefined),
    signal: request.signal,
    injection: asked.history,
    keepRunning: asked.keepRunning,
    timeoutMs: asked.timeoutMs,
  });
  const context = contextOf(request);
  context.sessionId = turn.sessionId;
  context.source = turn.source;
  const limit = unheeded(family.thinkingLimit, turn.model, sessions.processInfo?.models ?? []);
  const ignored = limit === null ? family.ignored : [...family.ignored, limit];
  const headers: Record<string, string> = {
    "x-claude-session": turn.sessionId,
    "x-lodge-session-source": turn.source,
    ...ignoredHeader(ignored),
  };
  return { turn, headers, ...withBeginning(replyEvents(turn, family, format)) };
}

async function folderOf(workspaces: Workspaces, name: string, caller: Caller, header: string): Promise<string> {
  try {
    return await workspaces.resolve(await workspaceFor(caller, workspaces, name));
  } catch (error) {
    if (!(error instanceof WorkspaceError)) throw error;
    throw new ApiError("invalid_request", error.message, { param: header, cause: error });
  }
}

function joined(...parts: (string | undefined)[]): string | undefined {
  const present = parts.filter((part) => part !== undefined && part !== "");
  return present.length === 0 ? undefined : present.join("\n\n");
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
