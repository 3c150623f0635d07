/** Permission prompts and questions of a process that is spoken to through the Agent SDK: held until a person answers. */
import type { CanUseTool, PermissionResult } from "@anthropic-ai/claude-agent-sdk";
import { SessionError } from "../../errors.ts";
import { type Answer, type Prompt, promptDetailLimit, type Question } from "../../prompts.ts";

interface Held {
  prompt: Prompt;
  input: Record<string, unknown>;
  settle: (result: PermissionResult) => void;
}

const permissionOptions = [
  { id: "allow", label: "Allow" },
  { id: "deny", label: "Deny" },
];
const questionOptions = [
  { id: "answer", label: "Answer" },
  { id: "deny", label: "Decline to answer" },
];

export class HeldPermissions {
  readonly #held = new Map<string, Held>();
  readonly #onChange: (prompts: readonly Prompt[]) => void;

  constructor(onChange: (prompts: readonly Prompt[]) => void) {
    this.#onChange = onChange;
  }

  /** What the SDK calls when the CLI would ask a person. */
  readonly ask: CanUseTool = async (tool, input, { signal, toolUseID, title }) => {
    const { promise, resolve } = Promise.withResolvers<PermissionResult>();
    this.#held.set(toolUseID, { prompt: toPrompt(toolUseID, tool, input, title), input, settle: resolve });
    this.#announce();
    const withdrawn = () => resolve({ behavior: "deny", message: "The turn was interrupted." });
    if (signal.aborted) withdrawn();
    signal.addEventListener("abort", withdrawn, { once: true });
    try {
      return await promise;
    } finally {
      signal.removeEventListener("abort", withdrawn);
      this.#held.delete(toolUseID);
      this.#announce();
    }
  };

  answer(id: string, answer: Answer): void {
    const held = this.#held.get(id);
    if (!held) throw new SessionError("prompt_unknown", "Nothing waits under that id: it was answered or is over.");
    if (!held.prompt.options.some((option) => option.id === answer.option)) {
      const options = held.prompt.options.map((option) => option.id).join(", ");
      throw new SessionError("invalid_request", `option: must be one of ${options}.`);
    }
    if (answer.option === "deny") {
      held.settle({ behavior: "deny", message: answer.message ?? "The user does not want this to be done." });
    } else {
      const updatedInput = answer.option === "answer" ? { ...held.input, answers: answer.answers ?? {} } : held.input;
      held.settle({ behavior: "allow", updatedInput });
    }
  }

  #announce(): void {
    this.#onChange([...this.#held.values()].map(({ prompt }) => prompt));
  }
}

function toPrompt(id: string, tool: string, input: Record<string, unknown>, title: string | undefined): Prompt {
  if (tool === "AskUserQuestion" && Array.isArray(input["questions"])) {
    const questions = input["questions"] as Question[];
    return {
      id,
      reason: "question",
      title: questions[0]?.question ?? "The model asks something.",
      detail: "",
      options: questionOptions,
      questions: questions.map(({ question, header, options, multiSelect }) => ({
        question,
        header,
        options,
        multiSelect,
      })),
    };
  }
  return {
    id,
    reason: "permission",
    title: title ?? `May it use ${tool}?`,
    detail: JSON.stringify(input, null, 2).slice(0, promptDetailLimit),
    options: permissionOptions,
  };
}
