/** Reads server-sent events as a client sees them: frame by frame, with the time at which each came. */

export interface Frame {
  /** The `event:` line; absent in families that do without. */
  event: string | undefined;
  /** The `data:` lines; empty for a comment. */
  data: string;
  /** A line that every client skips. */
  comment: string | undefined;
  /** Milliseconds, on a clock of its own. */
  at: number;
}

export async function* readFrames(response: Response): AsyncGenerator<Frame> {
  if (!response.body) throw new Error("the reply has no body");
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of response.body) {
    const parts = (rest + decoder.decode(bytes, { stream: true })).split("\n\n");
    rest = parts.pop() ?? "";
    for (const part of parts) yield parseFrame(part);
  }
  if (rest !== "") throw new Error(`the stream ended within a frame: ${rest.slice(0, 200)}`);
}

/** All frames, comments and pings left out. */
export async function collectFrames(response: Response): Promise<Frame[]> {
  const frames: Frame[] = [];
  for await (const frame of readFrames(response)) {
    if (frame.comment === undefined && frame.event !== "ping") frames.push(frame);
  }
  return frames;
}

function parseFrame(text: string): Frame {
  const frame: Frame = { event: undefined, data: "", comment: undefined, at: performance.now() };
  for (const line of text.split("\n")) {
    if (line.startsWith(":")) frame.comment = line.slice(1).trim();
    else if (line.startsWith("event: ")) frame.event = line.slice("event: ".length);
    else if (line.startsWith("data: ")) frame.data += line.slice("data: ".length);
  }
  return frame;
}
