/** What a session waits for a person to decide, and what they decide. */

export interface Prompt {
  /** Unique within its session. */
  id: string;
  /** `permission`: may a tool run. `question`: the model asks. `dialog`: the CLI itself asks, on its screen. */
  reason: "permission" | "question" | "dialog";
  /** One line for a person. */
  title: string;
  /** What it is about: a tool's input as JSON, the text of a dialog. Empty when the title says it all. */
  detail: string;
  /** What can be chosen; a `question` has them with each of its questions instead. */
  options: PromptOption[];
  questions?: Question[];
}

export interface PromptOption {
  id: string;
  label: string;
}

export interface Question {
  question: string;
  header: string;
  options: { label: string; description: string }[];
  multiSelect: boolean;
}

export interface Answer {
  /** The id of the chosen option; for a `question`, `answer` or `deny`. */
  option: string;
  /** For the model, with a denial: why, or what to do instead. */
  message?: string | undefined;
  /** For a `question`: each question with what was chosen or written. */
  answers?: Record<string, string> | undefined;
}

/** Characters of a prompt's detail; a tool's input can be a whole file. */
export const promptDetailLimit = 4000;
