/**
 * Server-sent events from a fetched body. Not EventSource: that hides the status of a refusal (401 must lead to the
 * login page), the heartbeats that tell a quiet line from a dead one, and how long it waits before it tries again.
 */

/** Characters of one event at most: twice the largest snapshot that the limits in shared allow is about this. */
const longestEvent = 16_000_000;

/**
 * A parser to feed with pieces of text as they arrive; returns the data of the events completed by each piece.
 * `id` and `event` are not looked at: Lodge's events carry both inside.
 */
export function sseParser(longest = longestEvent): (piece: string) => string[] {
  let rest = "";
  let data: string[] = [];
  let size = 0;

  return (piece) => {
    const complete: string[] = [];
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    for (const raw of lines) {
      const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
      if (line === "") {
        if (data.length > 0) complete.push(data.join("\n"));
        data = [];
        size = 0;
      } else if (line.startsWith("data:")) {
        data.push(line.slice(line.startsWith("data: ") ? 6 : 5));
        size += line.length;
      }
    }
    if (rest.length + size > longest) throw new Error("an event is larger than this page can take");
    return complete;
  };
}
