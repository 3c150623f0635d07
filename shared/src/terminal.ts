/**
 * The wire of a live terminal: `GET /api/terminals/:sessionId/socket`. Text frames are the JSON messages here, binary
 * frames the bytes of terminal-frames.ts.
 *
 * A terminal's stream is what its program wrote, and each change of its size, in order. A place in it is an **offset**:
 * every byte of output counts one, and so does every change of size. Whoever has applied all up to an offset goes on
 * from there after a lost connection and misses nothing. Offsets begin anew with each process; `stream` names which.
 *
 * 1. The client sends `hello` first, within `helloMs`.
 * 2. The server sends `ready`; then a `SNAPSHOT`, unless `resumed`; then `OUTPUT` and `resize` in the order of their offsets.
 * 3. The client sends an `ack` each time it has put `ackBytes` on its screen, and when there was nothing more to put.
 *    One that falls behind is skipped forward: the next frame is a `SNAPSHOT` again, with a higher offset.
 */
import { z } from "zod";
import { limits } from "./limits.ts";
import { driverName } from "./session.ts";

export const terminalLimits = {
  /** Columns and rows of a terminal. */
  minCols: 2,
  maxCols: 500,
  minRows: 2,
  maxRows: 300,
  /** Lines kept above the screen, on both sides. */
  scrollback: 5000,
  /** Bytes typed or pasted in one `INPUT` frame; more takes more frames. */
  inputBytes: 64 * 1024,
  /** Characters of a client's text frame. */
  textLength: 4096,
  /** Bytes of output in one `OUTPUT` frame. */
  outputBytes: 256 * 1024,
  /** Bytes put on the screen after which a client sends an `ack`. */
  ackBytes: 64 * 1024,
  /** Bytes sent but not acknowledged, beyond which a viewer gets no more until it has caught up. */
  windowBytes: 1024 * 1024,
  /** Viewers of one terminal. */
  viewers: limits.viewers,
  /** Characters of a viewer's name. */
  viewerName: 100,
  /** Milliseconds for a client to send its `hello`. */
  helloMs: 10_000,
  /** Milliseconds between two `ping`s of a client, at least. */
  pingMs: 5_000,
  /** Milliseconds for which a ticket is good. */
  ticketMs: 30_000,
} as const;

/** Why the server closed a socket. Only `goingAway`, `takenOver`, `tooSlow` and codes not listed here are worth another try. */
export const terminalClose = {
  /** The server stops: try again, with a growing pause. */
  goingAway: 1001,
  /** A frame was larger than the limits allow. */
  tooLarge: 1009,
  /** A frame was no message of this protocol, or came before `hello`. */
  malformed: 4400,
  /** The terminal has as many viewers as it may, or the connection is not allowed what its `hello` asks for. */
  notAllowed: 4403,
  /** Nothing was acknowledged for too long. */
  tooSlow: 4408,
  /** The session goes on in another process: connect again at once, with a new ticket. */
  takenOver: 4409,
  /** The session's process has ended. Final until the session is resumed. */
  sessionEnded: 4410,
} as const;
export type TerminalCloseCode = (typeof terminalClose)[keyof typeof terminalClose];

/** `viewer` watches; `control` may also hold the control of the terminal, one at a time: it alone types and sets the size. */
export const terminalRole = z.enum(["viewer", "control"]);
export type TerminalRole = z.infer<typeof terminalRole>;

const cols = z.number().int().min(terminalLimits.minCols).max(terminalLimits.maxCols);
const rows = z.number().int().min(terminalLimits.minRows).max(terminalLimits.maxRows);
/** A place in the stream. */
const offset = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** Body of `POST /api/terminals/:sessionId/tickets`. */
export const terminalTicketRequest = z.object({
  role: terminalRole,
  /** What the other viewers see this one as; the address it comes from when absent. */
  name: z.string().min(1).max(terminalLimits.viewerName).optional(),
});
export type TerminalTicketRequest = z.infer<typeof terminalTicketRequest>;

/** Good for one connection, to the session and in the role that it was made for. */
export const terminalTicket = z.object({
  ticket: z.string().max(limits.token),
  /** Milliseconds since the epoch. */
  expiresAt: z.number().int(),
});
export type TerminalTicket = z.infer<typeof terminalTicket>;

/** Body of `POST /api/terminals`: the interactive CLI for a person, in a workspace or going on with a session. */
export const openTerminalRequest = z
  .object({
    /** Path below the workspaces root; empty for the root itself. */
    workspace: z.string().max(limits.path).optional(),
    model: z.string().min(1).max(limits.name).optional(),
    /** Id of a session to go on with, in its own workspace. A live one without a turn under way is taken over. */
    resume: z.uuid().optional(),
    /** Who has the session then, as others see it; what the token is called when absent. */
    name: z.string().min(1).max(terminalLimits.viewerName).optional(),
  })
  .refine(({ workspace, resume }) => (workspace === undefined) !== (resume === undefined), {
    message: "give either a workspace or a session to resume",
  });
export type OpenTerminalRequest = z.infer<typeof openTerminalRequest>;

/** What a client sends as text. */
export const terminalClientMessage = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("hello"),
    /** The stream and the offset that the client has applied everything up to; both null until it has had a snapshot. */
    stream: z.uuid().nullable(),
    offset: offset.nullable(),
    /** `control` asks for the control at once, if nobody holds it; no more than the ticket's role. */
    role: terminalRole,
    /** The size that fits the client's window; heeded only while it holds the control. */
    cols: cols.optional(),
    rows: rows.optional(),
  }),
  /** The size that fits the client's window. Kept for when it gets the control, if it does not hold it. */
  z.object({ type: z.literal("resize"), cols, rows }),
  /** `request` takes the control from whoever holds it. */
  z.object({ type: z.literal("control"), action: z.enum(["request", "release"]) }),
  /** All up to this offset is on the client's screen. */
  z.object({ type: z.literal("ack"), offset }),
  /** Answered by a `pong` at once. */
  z.object({
    type: z.literal("ping"),
    /** By the client's own clock, sent back as it is. */
    sentAt: z.number().min(0),
    /** Milliseconds that the round trip before took, for the list of viewers. */
    rttMs: z.number().min(0).max(3_600_000).optional(),
  }),
]);
export type TerminalClientMessage = z.infer<typeof terminalClientMessage>;

export const terminalViewer = z.object({
  id: z.uuid(),
  /** `control` for the one that holds it at this moment. */
  role: terminalRole,
  name: z.string().max(terminalLimits.viewerName),
  /** Milliseconds since the epoch. */
  since: z.number().int(),
  /** Milliseconds, as the viewer last measured; null before it has. */
  rttMs: z.number().nullable(),
});
export type TerminalViewer = z.infer<typeof terminalViewer>;

export const terminalState = z.discriminatedUnion("name", [
  /** The process starts up. */
  z.object({ name: z.literal("starting") }),
  /** A turn is under way. */
  z.object({ name: z.literal("running") }),
  /** It waits for its next message. */
  z.object({ name: z.literal("waiting") }),
  /** It waits for a person to decide something: `GET /api/sessions/:id` says what. */
  z.object({ name: z.literal("attention"), detail: z.string().max(limits.text) }),
  /** The process is gone. The code is null where it is not known, as after a signal. */
  z.object({ name: z.literal("exited"), code: z.number().int().nullable() }),
]);
export type TerminalState = z.infer<typeof terminalState>;

/** Why control, or what was typed without it, was refused. */
export const terminalDenial = z.enum([
  /** The ticket was for a viewer. */
  "viewer_only",
  /** The session has no keyboard: it is spoken to over the SDK's protocol, and this is its log. */
  "no_keyboard",
  /** Typed without holding the control. */
  "not_in_control",
  /** Typed with the control, but the program does not read what is typed: it may be stopped. */
  "unread",
]);
export type TerminalDenial = z.infer<typeof terminalDenial>;

/** What the server sends as text. */
export const terminalServerMessage = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("ready"),
    sessionId: z.uuid(),
    /** This connection, as it stands in `viewers`. */
    viewerId: z.uuid(),
    stream: z.uuid(),
    /** Whether the client's screen is good up to `offset`. Otherwise a `SNAPSHOT` follows. */
    resumed: z.boolean(),
    offset,
    /** The terminal's size at `offset`. */
    cols,
    rows,
    /** `control` when this connection holds it from the first. */
    role: terminalRole,
    driver: driverName,
    /** Whether `control` may be requested on this connection. */
    canControl: z.boolean(),
    state: terminalState,
  }),
  /** Comes at its offset, and counts one: the next offset is `offset + 1`. */
  z.object({ type: z.literal("resize"), offset, cols, rows }),
  z.object({
    type: z.literal("control"),
    event: z.discriminatedUnion("name", [
      /** This connection holds it now. */
      z.object({ name: z.literal("granted") }),
      /** This connection held it; the viewer `by` has it now. */
      z.object({ name: z.literal("taken"), by: terminalViewer }),
      /** This connection gave it up. */
      z.object({ name: z.literal("released") }),
      z.object({ name: z.literal("denied"), reason: terminalDenial }),
    ]),
  }),
  /** Everyone who watches, after each change. */
  z.object({ type: z.literal("viewers"), viewers: z.array(terminalViewer).max(terminalLimits.viewers) }),
  z.object({ type: z.literal("state"), state: terminalState }),
  /** The window's title, to begin with and after each change; it is part of a snapshot too. */
  z.object({ type: z.literal("title"), title: z.string().max(limits.text) }),
  z.object({ type: z.literal("pong"), sentAt: z.number() }),
]);
export type TerminalServerMessage = z.infer<typeof terminalServerMessage>;

/** A text frame of a client; null when it is none of this protocol. */
export function parseTerminalClientMessage(text: string): TerminalClientMessage | null {
  return text.length > terminalLimits.textLength ? null : parse(terminalClientMessage, text);
}

/** A text frame of the server; null when it is none of this protocol. */
export function parseTerminalServerMessage(text: string): TerminalServerMessage | null {
  return parse(terminalServerMessage, text);
}

function parse<T extends z.ZodType>(schema: T, text: string): z.output<T> | null {
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
