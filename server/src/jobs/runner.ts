/** Does what a spec says: makes the workspace ready, runs one turn there, and makes a result of it. */
import { SessionError, type SessionManager } from "../sessions/index.ts";
import { JobError } from "./errors.ts";
import { latestConversation } from "./latest.ts";
import type { Success } from "./outcome.ts";
import { prepareWorkspace, type PrepareOptions } from "./prepare.ts";
import { outputCapacity, type Recorder } from "./recorder.ts";
import { type ResultEvent, toResult } from "./result.ts";
import { compileSchema } from "./schema.ts";
import type { JobSpec } from "./spec.ts";
import { Turns } from "./turns.ts";

export interface RunnerParts {
  sessions: SessionManager;
  prepare: PrepareOptions;
  /** Goes into the system prompt of every run, before what its caller appends. */
  systemHint: string | undefined;
}

export interface RunContext {
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
  async run(spec: JobSpec, { signal, recorder, onSession }: RunContext): Promise<Success> {
    const check = spec.jsonSchema && compileSchema(spec.jsonSchema);
    const cwd = await prepareWorkspace(spec.workspace, this.#parts.prepare, signal);
    signal.throwIfAborted();
    const turn = await this.#start(spec, cwd, signal);
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

  #start(spec: JobSpec, cwd: string, signal: AbortSignal) {
    const { sessions, systemHint } = this.#parts;
    const { conversation, jsonSchema } = spec;
    const append = [systemHint, spec.appendSystemPrompt].filter((part) => part !== undefined && part !== "");
    return sessions.start({
      messages: [{ role: "user", content: [{ type: "text", text: spec.prompt }] }],
      launch: {
        mode: "agent",
        cwd,
        // The result, the budget and the schema are there without a terminal only.
        driver: "stream",
        model: spec.model,
        systemPrompt: spec.systemPrompt,
        appendSystemPrompt: append.length === 0 ? undefined : append.join("\n\n"),
        effort: spec.effort,
        agent: spec.agent,
        maxBudgetUsd: spec.maxBudgetUsd,
        outputFormat: jsonSchema && { type: "json_schema", schema: jsonSchema },
      },
      session:
        conversation.type === "session"
          ? conversation.id
          : conversation.type === "latest"
            ? latestConversation(sessions, cwd, "agent")
            : undefined,
      sessionMustExist: conversation.type === "session",
      signal,
      timeoutMs: spec.timeoutMs,
    });
  }
}

/** The CLI asks the model a few times; when that does not help it ends the turn as if all were well. */
function requireStructure({ raw, text }: ResultEvent, check: (answer: unknown) => string | null): void {
  const answer = raw["structured_output"];
  if (answer === undefined) {
    throw new JobError(
      "no_structured_output",
      `The model did not answer in the shape of the schema. It said: ${text.slice(0, 500)}`,
    );
  }
  const wrong = check(answer);
  if (wrong !== null) throw new JobError("no_structured_output", `The answer does not fit the schema: ${wrong}.`);
}
