/**
 * How the model is to choose among the client's tools. The CLI cannot force it: it is asked, in words that are no part of
 * the conversation, and what it did is checked.
 */
import { SessionError } from "../errors.ts";
import type { ToolChoice } from "./client-tool.ts";

export interface CallRules {
  choice: ToolChoice;
  /** Whether one message may make several calls. */
  parallel: boolean;
}

export const noRules: CallRules = { choice: { type: "auto" }, parallel: true };

/** For the model, beside the user's message; null when there is nothing to ask. */
export function reminder({ choice, parallel }: CallRules): string | null {
  const asks: string[] = [];
  if (choice.type === "required") asks.push("Answer with a call of one of your tools, not with text alone.");
  if (choice.type === "tool")
    asks.push(`Answer with a call of the tool ${JSON.stringify(choice.name)} and of no other.`);
  if (!parallel) asks.push("Make at most one tool call in a message.");
  return asks.length === 0 ? null : asReminder(asks.join(" "));
}

/** What is said to the model beside the conversation, marked as the CLI marks its own notices. */
export const asReminder = (text: string): string => `<system-reminder>\n${text}\n</system-reminder>`;

/** For the model, instead of a result, where it made more calls at once than the client takes. */
export const onlyOneCall =
  "This call was not made: only one tool call at a time is possible. Make it again if it is still needed.";

/** What one reply does with the calls that the model makes in it. */
export class CallCheck {
  readonly #rules: CallRules;
  /** Calls in the model's message that is under way. */
  #inMessage = 0;
  #calls = 0;

  constructor(rules: CallRules) {
    this.#rules = rules;
  }

  messageStarts(): void {
    this.#inMessage = 0;
  }

  /**
   * Whether the client gets to see this call; otherwise it is answered with `onlyOneCall`.
   *
   * @throws SessionError `tool_choice_unmet`
   */
  admits(name: string): boolean {
    const { choice, parallel } = this.#rules;
    if (choice.type === "tool" && choice.name !== name) {
      throw unmet(
        `The model called the tool ${JSON.stringify(name)} where it was told to call ${JSON.stringify(choice.name)}.`,
      );
    }
    if (!parallel && this.#inMessage > 0) return false;
    this.#inMessage++;
    this.#calls++;
    return true;
  }

  /** @throws SessionError `tool_choice_unmet` when the reply should have held a call and did not */
  finish(): void {
    const { choice } = this.#rules;
    if (this.#calls > 0) return;
    if (choice.type === "required") throw unmet("The model made no tool call where it was told to make one.");
    if (choice.type === "tool")
      throw unmet(`The model did not call the tool ${JSON.stringify(choice.name)} as it was told to.`);
  }
}

const unmet = (what: string) =>
  new SessionError(
    "tool_choice_unmet",
    `${what} tool_choice can be asked of the CLI's model but not forced; try again.`,
  );
