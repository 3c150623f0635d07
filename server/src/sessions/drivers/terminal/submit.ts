/** Puts a message into the CLI's input box and sends it, looking at every step whether it was taken. */
import { SessionError } from "../../errors.ts";
import { deliveryOf, keys, pasted } from "./delivery.ts";
import type { ScreenWatch } from "./watch.ts";

export interface InputBox {
  watch: ScreenWatch;
  write: (keys: string) => void;
  /** Has the message fetched by the program that the CLI calls as the user's editor. */
  offer: (message: string) => void;
}

/** Milliseconds for the CLI to say that it has a message, after Enter, and how often Enter is pressed. */
const takenMs = 700;
const presses = 6;
/** Milliseconds for the box to be emptied or filled. */
const boxMs = 3000;

/**
 * @param taken resolves when the CLI says that it has the message
 * @throws SessionError when it will not take it
 */
export async function submit(box: InputBox, text: string, taken: Promise<unknown>): Promise<void> {
  const { watch, write } = box;
  // While a dialog shows, or the CLI is at work of its own, nothing is pasted: a person has to answer, or it ends.
  if (!(await watch.until((view) => view.type === "box" && !view.busy, null))) return;
  await clear(box);
  const enter = text.endsWith("\\") ? keys.home + keys.enter : keys.enter;
  const delivery = deliveryOf(text);
  if (delivery.type === "paste") {
    write(delivery.pieces.map(pasted).join("") + enter);
  } else {
    box.offer(text);
    write(keys.editor);
    const filled = await watch.until((view) => view.type === "box" && !view.empty, boxMs);
    if (!filled) throw new SessionError("process_died", "The CLI did not fetch the message.");
    write(enter);
  }
  for (let press = 1; press < presses; press++) {
    if (await within(taken, watch)) return;
    // A key that came too early was lost. In an empty box there is nothing to send: the message is on its way, or gone.
    if (watch.view.type === "box" && !watch.view.empty) write(keys.enter);
  }
  if (await within(taken, watch)) return;
  throw /^\s*\//.test(text)
    ? new SessionError("invalid_request", "The CLI took the message for a command of its own.")
    : new SessionError("process_died", "The CLI did not take the message.");
}

/** Empties the box of what a person, or an interrupted turn, left in it. */
async function clear({ watch, write }: InputBox): Promise<void> {
  for (let press = 0; press < 3; press++) {
    if (watch.view.type !== "box" || watch.view.empty) return;
    write(keys.clear);
    if (await watch.until((view) => view.type === "box" && view.empty, boxMs)) return;
  }
  throw new SessionError("process_died", "The CLI's input box could not be emptied.");
}

async function within(taken: Promise<unknown>, watch: ScreenWatch): Promise<boolean> {
  const late = watch.until(() => false, takenMs);
  return await Promise.race([taken.then(() => true), late]);
}
