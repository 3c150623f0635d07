/**
 * How a message gets into the CLI's input box so that the model reads exactly it. Typed or pasted as it is, much would
 * be taken for something else: `!` runs a command, a long paste is wrapped in tags, a tab becomes spaces.
 */
import type { UserBlock } from "../../conversation.ts";
import { SessionError } from "../../errors.ts";

/** The keys that the driver presses. */
export const keys = {
  enter: "\r",
  escape: "\u001b",
  up: "\u001b[A",
  down: "\u001b[B",
  home: "\u001b[H",
  /** Empties the input box; pressed when there is nothing in it, it would be half of leaving. */
  clear: "\u0003",
  editor: "\u0007",
} as const;

/** Beyond either, the CLI shows a paste as a placeholder and the model sees it in tags. */
const pieceLength = 700;
const pieceLines = 2;
/** Characters up to which pasting in pieces is quicker than having the editor fetch the message. */
const pasteLimit = 4 * pieceLength;

/** Words that the CLI takes for its own as soon as they stand alone. */
const ownWords = new Set(["exit", "quit", ":q", ":q!", ":wq", ":wq!"]);
/** A command's name, as the CLI reads one; a path such as `/etc/hosts` is none. */
const command = /^\s*\/[a-zA-Z0-9_][a-zA-Z0-9:_-]*(?:\s|$)/;
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

export type Delivery =
  /** Written to the terminal as it is, a piece a paste. */
  | { type: "paste"; pieces: string[] }
  /** Fetched by the program that the CLI calls as the user's editor. */
  | { type: "editor"; text: string };

/** Whether the CLI would take a message for a command of its own. */
export const isCommand = (text: string): boolean => command.test(text);

/**
 * The text of a message.
 *
 * @throws SessionError `invalid_request` when the message cannot be delivered
 */
export function messageText(content: readonly UserBlock[], verbatim: boolean): string {
  const texts = content.map((block) => {
    if (block.type === "text") return block.text;
    throw refusal(`takes text only, not a block of type ${block.type}`);
  });
  const text = texts.join("\n");
  if (text.trim() === "") throw refusal("takes no empty message");
  if (ownWords.has(text.trim())) throw refusal(`takes "${text.trim()}" for a word of its own`);
  if (verbatim && isCommand(text)) throw refusal("takes a message that begins like this for a command of its own");
  if (verbatim && text.search(control) >= 0) throw refusal("takes no control characters");
  // White space at the end does not reach the model by this way; everything else does.
  return text.replace(control, "").trimEnd();
}

const refusal = (why: string) =>
  new SessionError("invalid_request", `The terminal driver ${why}. The stream driver has no such limit.`);

export function deliveryOf(text: string): Delivery {
  // A tab would become spaces, a carriage return a newline, a leading `!` a shell command, a path to an image that image.
  const plain = !/[\t\r]|^\s*!|\.(?:png|jpe?g|gif|webp|pdf)\s*$/i.test(text);
  if (!plain || text.length > pasteLimit || lineBreaks(text) > 4 * pieceLines) return { type: "editor", text };
  return { type: "paste", pieces: piecesOf(text) };
}

/** Cuts a text so that no piece is long and none has many lines. */
export function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  let piece = "";
  for (const character of text) {
    if (piece.length + character.length > pieceLength || lineBreaks(piece) >= pieceLines) {
      pieces.push(piece);
      piece = "";
    }
    piece += character;
  }
  return piece === "" ? pieces : [...pieces, piece];
}

const lineBreaks = (text: string): number => text.split("\n").length - 1;

/** As a terminal marks what was pasted. The text can hold nothing that ends the paste: no control characters are in it. */
export const pasted = (text: string): string => `\u001b[200~${text.replace(control, "")}\u001b[201~`;
