/** Puts a message into the CLI's input box and sends it, looking at every step whether it was taken. */
import { SessionError } from "../../errors.ts";
import { type Delivery, deliveryOf, keys, pasted } from "./delivery.ts";
import type { ScreenWatch } from "./watch.ts";

/** What the CLI says that it has got: the message, or something else, which it was told not to send. */
export type Outcome = "taken" | "changed";

export interface Submission {
  text: string;
  watch: ScreenWatch;
  write: (keys: string) => void;
  /** Has the message fetched by the program that the CLI calls as the user's editor. */
  offer: (message: string) => void;
  /** Resolves when the CLI has something, from now on. */
  outcome: () => Promise<Outcome>;
  /** Nobody waits for it any more. */
  cancelled: () => boolean;
}

/**
 * Milliseconds for the CLI to say that it has a message, after Enter, and how often that is waited for: on a machine with
 * much to do it may be seconds. What looks like a command of the CLI's own may never be one for the model.
 */
const takenMs = 700;
const presses = 20;
const commandPresses = 6;
/** Milliseconds for the box to be emptied or filled. */
const boxMs = 3000;

/** @throws SessionError when the CLI will not take it */
export async function submit(submission: Submission): Promise<void> {
  const { text, watch, cancelled } = submission;
  // While a dialog shows, or the CLI is at work of its own, nothing is pasted: a person has to answer, or it ends.
  if (!(await watch.until((view) => view.type === "box" && !view.busy, null))) return;
  // What a person left in the box, or typed just now, may have got in between: the editor replaces all of it.
  for (const delivery of [deliveryOf(text), { type: "editor", text } as const]) {
    await clear(submission);
    if (cancelled()) return;
    const outcome = await send(submission, delivery);
    if (outcome === "taken") return;
    // What was not sent is put back into the box, a moment later.
    await watch.until((view) => view.type === "box" && !view.empty, boxMs);
  }
  await clear(submission);
  throw new SessionError(
    "invalid_request",
    "The interactive CLI would change the message on its way to the model. The stream driver does not.",
  );
}

async function send(submission: Submission, delivery: Delivery): Promise<Outcome> {
  const { text, watch, write, offer } = submission;
  const outcome = submission.outcome();
  // At the end of a line, a backslash before the cursor would make Enter a line break.
  const enter = text.endsWith("\\") ? keys.home + keys.enter : keys.enter;
  if (delivery.type === "paste") {
    write(delivery.pieces.map(pasted).join("") + enter);
  } else {
    offer(text);
    write(keys.editor);
    const filled = await watch.until((view) => view.type === "box" && !view.empty, boxMs);
    if (!filled) throw new SessionError("process_died", "The CLI did not fetch the message.");
    write(enter);
  }
  const isCommandLike = /^\s*\//.test(text);
  const limit = isCommandLike ? commandPresses : presses;
  for (let press = 1; press <= limit; press++) {
    const known = await within(outcome, watch);
    if (known) return known;
    // A key that came too early was lost. In an empty box there is nothing to send: the message is on its way, or gone.
    if (press < limit && watch.view.type === "box" && !watch.view.empty) write(keys.enter);
  }
  throw isCommandLike
    ? new SessionError("invalid_request", "The CLI took the message for a command of its own.")
    : new SessionError("process_died", "The CLI did not take the message.");
}

/** Empties the box of what a person, or an interrupted turn, left in it. */
async function clear({ watch, write }: Submission): Promise<void> {
  for (let press = 0; press < 3; press++) {
    if (watch.view.type !== "box" || watch.view.empty) return;
    write(keys.clear);
    if (await watch.until((view) => view.type === "box" && view.empty, boxMs)) return;
  }
  throw new SessionError("process_died", "The CLI's input box could not be emptied.");
}

async function within(outcome: Promise<Outcome>, watch: ScreenWatch): Promise<Outcome | null> {
  using late = watch.timeout(takenMs);
  return await Promise.race([outcome, late.passed]);
}
