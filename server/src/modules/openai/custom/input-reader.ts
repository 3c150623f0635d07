/**
 * Reads the text out of `{"input": "…"}` while it is being written. Arguments of another shape, which a model may
 * write all the same, come out whole at the end.
 */
export class InputReader {
  /** What has not been given out yet. */
  #json = "";
  #state: "before" | "inside" | "after" | "other" = "before";

  /** The text that a piece adds. */
  push(piece: string): string {
    if (this.#state === "after") return "";
    this.#json += piece;
    if (this.#state === "before") {
      const opening = /^\s*\{\s*"input"\s*:\s*"/.exec(this.#json);
      if (opening) {
        this.#state = "inside";
        this.#json = this.#json.slice(opening[0].length);
      } else if (this.#json.length > longestOpening) this.#state = "other";
    }
    if (this.#state !== "inside") return "";
    const { text, length, closed } = readString(this.#json);
    this.#json = this.#json.slice(length);
    if (closed) this.#state = "after";
    return text;
  }

  /** What is left when all has been written. */
  end(): string {
    if (this.#state === "inside" || this.#state === "after") return "";
    return textOf(this.#json);
  }
}

/** The text in arguments that are whole: the field for it, or all of them where a model wrote something else. */
export function textOf(json: string): string {
  try {
    const fields = JSON.parse(json) as { input?: unknown };
    if (typeof fields.input === "string") return fields.input;
    return Object.keys(fields).length === 0 ? "" : json;
  } catch {
    return json;
  }
}

/** Characters within which the text has begun, white space included. */
const longestOpening = 100;

/** Up to the string's end, or to where what there is of it can be read: no escape and no pair is cut in two. */
function readString(json: string): { text: string; length: number; closed: boolean } {
  // oxlint-disable-next-line no-control-regex -- JSON has none of them in a string.
  const [raw] = /^(?:[^"\\\u0000-\u001f]|\\u[\da-fA-F]{4}|\\["\\/bfnrt])*/.exec(json) as unknown as [string];
  const closed = json[raw.length] === '"';
  const whole = closed ? raw : raw.replace(/\\u[dD][89abAB][\da-fA-F]{2}$/, "");
  return { text: JSON.parse(`"${whole}"`) as string, length: whole.length, closed };
}
