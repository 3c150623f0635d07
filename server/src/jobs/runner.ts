/** Does what a spec says: makes the workspace ready, runs one turn there, and makes a result of it. */
import type { WorkspaceSettings } from "@lodge/shared";
import { SessionError, type SessionManager } from "../sessions/index.ts";
import { JobError } from "./errors.ts";
import { latestConversation } from "./latest.ts";
import type { Success } from "./outcome.ts";
import { prepareWorkspace, type PrepareOptions } from "./prepare.ts";
import { outputCapacity, type Recorder } from "./recorder.ts";
import { type ResultEvent, toResult } from "./result.ts";
import { compileJobSchema } from "./schema.ts";
import type { JobSpec } from "./spec.ts";
import { Turns } from "./turns.ts";

export interface RunnerParts {
  sessions: SessionManager;
  prepare: PrepareOptions;
  /**
   * Whether an owner may work in a workspace now, which was asked when the job came and may have been long ago.
   *
   * @throws JobError `not_allowed`
   */
  admit: (owner: string | null, workspace: string) => void;
  /** Goes into the system prompt of every run, before what its caller appends. */
  systemHint: string | undefined;
  /** What is set for a workspace. */
  settings: (workspace: string) => Pick<WorkspaceSettings, "model" | "hint" | "mcpServers">;
}

export interface RunContext {
  /** The API key that pays for it; null for the server's own token. */
  owner: string | null;
  signal: AbortSignal;
  recorder: Recorder;
  onSession: (sessionId: string) => void;
}

export class Runner {
  readonly #parts: RunnerParts;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
  }

  /** @throws JobError, SessionError or WorkspaceError */
  async run(spec: JobSpec, { owner, signal, recorder, onSession }: RunContext): Promise<Success> {
    const { admit, prepare } = this.#parts;
    const check = spec.jsonSchema && compileJobSchema(spec.jsonSchema);
    admit(owner, spec.workspace);
    const cwd = await prepareWorkspace(spec.workspace, prepare, signal);
    // Its links may lead elsewhere by now.
    admit(owner, prepare.workspaces.nameOf(cwd) ?? "");
    signal.throwIfAborted();
    const turn = await this.#start(spec, cwd, owner, signal);
    onSession(turn.sessionId);
    const turns = spec.verbose ? new Turns() : undefined;
    let tools: string[] = [];
    let result: ResultEvent | undefined;
    for await (const event of turn.events) {
      recorder.push(event);
      turns?.push(event);
      if (event.type === "started") ({ tools } = event);
      if (event.type === "result") result = event;
    }
    if (!result) throw new SessionError("process_died", "The session ended the turn without a result.");
    if (check) requireStructure(result, check);
    const { sessionId, model, source } = turn;
    const system = { sessionId, model, cwd: spec.workspace, tools };
    return {
      sessionId,
      source,
      result: { ...toResult(result), ...(turns ? { turns: turns.all, system } : {}) },
      output: result.text.slice(-outputCapacity),
      costUsd: result.costUsd,
    };
  }

  #start(spec: JobSpec, cwd: string, owner: string | null, signal: AbortSignal) {
    const { sessions, systemHint, settings } = this.#parts;
    const { model, hint, mcpServers } = settings(spec.workspace);
    const { conversation, jsonSchema } = spec;
    const append = [systemHint, hint, spec.appendSystemPrompt].filter((part) => part);
    return sessions.start({
      messages: [{ role: "user", content: [{ type: "text", text: spec.prompt }] }],
      launch: {
        owner,
        mode: "agent",
        cwd,
        // The result, the budget and the schema are there without a terminal only.
        driver: "stream",
        model: spec.model ?? model ?? undefined,
        systemPrompt: spec.systemPrompt,
        appendSystemPrompt: append.length === 0 ? undefined : append.join("\n\n"),
        folderMcpServers: mcpServers ?? undefined,
        effort: spec.effort,
        agent: spec.agent,
        maxBudgetUsd: spec.maxBudgetUsd,
        outputFormat: jsonSchema && { type: "json_schema", schema: jsonSchema },
      },
      session:
        conversation.type === "session"
          ? conversation.id
          : conversation.type === "latest"
            ? latestConversation(sessions, cwd, "agent", owner)
            : undefined,
      sessionMustExist: conversation.type === "session",
      signal,
      timeoutMs: spec.timeoutMs,
    });
  }
}

/** The CLI asks the model a few times; when that does not help it ends the turn as if all were well. */
function requireStructure({ raw, text, costUsd }: ResultEvent, check: (answer: unknown) => string | null): void {
  const answer = raw["structured_output"];
  if (answer === undefined) {
    throw new JobError(
      "no_structured_output",
      `The model did not answer in the shape of the schema. It said: ${text.slice(0, 500)}`,
      { costUsd },
    );
  }
  const wrong = check(answer);
  if (wrong !== null)
    throw new JobError("no_structured_output", `The answer does not fit the schema: ${wrong}.`, { costUsd });
}
