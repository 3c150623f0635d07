/** Dialogs that the CLI itself shows: announced as prompts, answered by the keys that a person would press. */
import type { Clock } from "../../clock.ts";
import { SessionError } from "../../errors.ts";
import { type Answer, type Prompt, promptDetailLimit } from "../../prompts.ts";
import { keys } from "./delivery.ts";
import type { Screen } from "./screen.ts";
import type { Dialog, View } from "./view.ts";
import type { ScreenWatch } from "./watch.ts";

/** Milliseconds that a dialog must have stood before it is announced: some are gone as soon as they are drawn. */
const settleMs = 200;
/** Milliseconds for the CLI to react to one key, and how often a key is pressed: it ignores keys that come too early. */
const reactMs = 700;
const presses = 8;

export interface DialogOptions {
  screen: Screen;
  watch: ScreenWatch;
  clock: Clock;
  write: (keys: string) => void;
  /** The screen's question is being asked elsewhere, with more known about it. */
  isHandled: () => boolean;
  /** Index of the option that needs no person to choose it. */
  decide: (dialog: Dialog) => number | undefined;
  onChange: (prompts: readonly Prompt[]) => void;
}

export class Dialogs implements Disposable {
  readonly #options: DialogOptions;
  readonly #stack = new DisposableStack();
  #timer: Disposable | undefined;
  #standing: { name: string; dialog: Dialog } | undefined;
  /** Name of one that was being asked elsewhere: once that is decided it stands for a moment more. */
  #handled: string | undefined;
  #prompt: Prompt | undefined;
  #answering = false;

  constructor(options: DialogOptions) {
    this.#options = options;
    this.#stack.use(options.screen.onChange(() => this.look()));
    this.#stack.defer(() => this.#timer?.[Symbol.dispose]());
  }

  /** What is asked, if anything. */
  get prompts(): readonly Prompt[] {
    return this.#prompt ? [this.#prompt] : [];
  }

  /** Compares what is announced with what is shown. */
  look(): void {
    const { view } = this.#options.watch;
    const shown = view.type === "dialog" ? nameOf(view.dialog) : undefined;
    if (this.#options.isHandled()) this.#handled = shown;
    else if (this.#handled !== shown) this.#handled = undefined;
    const dialog = view.type === "dialog" && shown !== this.#handled ? view.dialog : undefined;
    const name = dialog && shown;
    if (name === this.#standing?.name) return;
    this.#standing = dialog && name !== undefined ? { name, dialog } : undefined;
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#announce(undefined);
    if (dialog) this.#timer = this.#options.clock.after(settleMs, () => this.#settled(dialog));
  }

  /** Whether the answer was for a dialog at all. */
  async answer(promptId: string, answer: Answer): Promise<boolean> {
    const prompt = this.#prompt;
    const standing = this.#standing;
    if (prompt?.id !== promptId || !standing) return false;
    const index = prompt.options.findIndex(({ id }) => id === answer.option);
    if (index < 0) {
      throw new SessionError(
        "invalid_request",
        `option: must be one of ${prompt.options.map(({ id }) => id).join(", ")}.`,
      );
    }
    if (!(await this.#choose(standing.name, index))) {
      throw new SessionError("prompt_unknown", "The dialog did not take the answer. Look at the session's terminal.");
    }
    return true;
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
    this.#announce(undefined);
  }

  #settled(dialog: Dialog): void {
    const index = this.#options.decide(dialog);
    if (index === undefined) this.#announce(toPrompt(dialog));
    else void this.#choose(nameOf(dialog), index);
  }

  /** Goes to the option key by key, looking each time; resolves with whether the dialog is gone. */
  async #choose(name: string, index: number): Promise<boolean> {
    if (this.#answering) return false;
    this.#answering = true;
    try {
      const { watch, write } = this.#options;
      const shown = (view: View) => (view.type === "dialog" && nameOf(view.dialog) === name ? view.dialog : undefined);
      for (let press = 0; press < presses + index; press++) {
        const dialog = shown(watch.view);
        if (!dialog) return true;
        const { selected } = dialog;
        if (selected === index) write(keys.enter);
        else write(selected < index ? keys.down : keys.up);
        await watch.until((view) => shown(view)?.selected !== selected, reactMs);
      }
      return shown(watch.view) === undefined;
    } finally {
      this.#answering = false;
    }
  }

  #announce(prompt: Prompt | undefined): void {
    if (!prompt && !this.#prompt) return;
    this.#prompt = prompt;
    this.#options.onChange(this.prompts);
  }
}

/** Which option is selected does not make it another dialog. */
const nameOf = ({ title, detail, options }: Dialog): string => JSON.stringify([title, detail, options]);

function toPrompt(dialog: Dialog): Prompt {
  return {
    id: crypto.randomUUID(),
    reason: "dialog",
    title: dialog.title,
    detail: dialog.detail.slice(0, promptDetailLimit),
    options: dialog.options.map((label, index) => ({ id: optionId(index, dialog.options), label })),
  };
}

/** The first no is `deny`: what is chosen when nobody answers. */
const optionId = (index: number, all: readonly string[]): string =>
  index === all.findIndex((other) => /^No\b/i.test(other)) ? "deny" : String(index + 1);
