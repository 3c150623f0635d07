/** Live terminals under `/api/terminals`: tickets, and the socket that one opens. What goes over it is in shared/src/terminal.ts. */
import { limits, terminalClose, type TerminalRole, terminalTicket, terminalTicketRequest } from "@lodge/shared";
import { Elysia } from "elysia";
import { z } from "zod";
import { ApiError } from "../../http/errors.ts";
import { callerOf, contextOf } from "../../http/request-context.ts";
import type { SocketHandler } from "../../http/sockets.ts";
import type { LiveTerminal, TerminalHub, Tickets } from "../../terminals/index.ts";
import { Viewer } from "../../terminals/index.ts";
import { isAllowedOrigin } from "./origin.ts";

export interface TerminalServices {
  hub: TerminalHub;
  tickets: Tickets;
  /** Origins whose pages may open sockets beside the server's own. */
  origins: readonly string[];
  /** Tells of each API key that is revoked. */
  onRevoked: (listener: (owner: string) => void) => void;
}

const params = z.object({ sessionId: z.uuid() });

export const terminals = ({ hub, tickets, origins, onRevoked }: TerminalServices) => {
  /** What closes the sockets that are open with an API key, by key. */
  const open = new Map<string, Set<() => void>>();
  onRevoked((owner) => {
    tickets.withdraw(owner);
    for (const close of open.get(owner) ?? []) close();
  });
  const terminalOf = (sessionId: string): LiveTerminal => {
    const terminal = hub.get(sessionId);
    if (terminal) return terminal;
    throw new ApiError("not_found", "The session has no process, and so no terminal. Resume it first.", {
      param: "sessionId",
    });
  };

  return new Elysia({ name: "terminals", prefix: "/api/terminals", detail: { tags: ["Terminals"] } })
    .post(
      "/:sessionId/tickets",
      ({ params: { sessionId }, body, request }) => {
        terminalOf(sessionId);
        const { owner, name } = callerOf(request);
        // Whoever has a key is who the key says.
        const ticket = tickets.issue({ sessionId, role: body.role, name: owner === null ? body.name : name, owner });
        if (ticket) return ticket;
        throw new ApiError("rate_limit", "Too many tickets are out that nobody has used. They run out within 30 s.", {
          retryAfter: 10,
        });
      },
      {
        params,
        body: terminalTicketRequest,
        response: terminalTicket,
        detail: {
          summary: "A ticket for a live terminal",
          description: "Good once, for 30 seconds, for this session and role. It opens the socket.",
        },
      },
    )
    .get(
      "/:sessionId/socket",
      ({ params: { sessionId }, query: { ticket }, request }) => {
        const context = contextOf(request);
        // Before the ticket: what a foreign page tries uses nothing up.
        if (!isAllowedOrigin(request.headers, origins)) {
          throw new ApiError(
            "permission",
            "A page of that origin may not open terminals here. LODGE_ORIGINS allows more.",
          );
        }
        if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
          throw new ApiError(
            "invalid_request",
            "This address opens a WebSocket: the request must ask for an upgrade to one.",
          );
        }
        const admission = tickets.redeem(ticket, sessionId);
        if (!admission) {
          throw new ApiError(
            "permission",
            "The ticket is not for this session, was used, or has run out. Get another.",
            {
              param: "ticket",
            },
          );
        }
        const terminal = terminalOf(sessionId);
        const name = admission.name ?? context.address?.() ?? "unknown";
        const upgraded =
          context.upgrade?.(ownedBy(open, admission.owner, handler(terminal, admission.role, name))) ?? false;
        if (!upgraded) throw new ApiError("invalid_request", "The connection could not be made a WebSocket.");
      },
      {
        params,
        query: z.object({ ticket: z.string().min(1).max(limits.token) }),
        detail: {
          summary: "The socket of a live terminal",
          description:
            "A WebSocket. Needs a ticket and no token, and an `Origin` that is the server's own, an allowed one, or absent.",
          security: [],
        },
      },
    );
};

/** Closed when the key is revoked that it was opened with. */
function ownedBy(open: Map<string, Set<() => void>>, owner: string | null, inner: SocketHandler): SocketHandler {
  if (owner === null) return inner;
  let close: (() => void) | undefined;
  return {
    ...inner,
    open(socket) {
      close = () => socket.close(terminalClose.notAllowed, "The key was revoked.");
      const others = open.get(owner) ?? new Set();
      open.set(owner, others.add(close));
      inner.open(socket);
    },
    close() {
      const others = open.get(owner);
      if (close) others?.delete(close);
      if (others?.size === 0) open.delete(owner);
      inner.close();
    },
  };
}

function handler(terminal: LiveTerminal, role: TerminalRole, name: string) {
  let viewer: Viewer | undefined;
  return {
    open(socket: ConstructorParameters<typeof Viewer>[1]["socket"]) {
      viewer = new Viewer(terminal, { socket, role, name });
    },
    message: (frame: string | Uint8Array<ArrayBuffer>) => viewer?.receive(frame),
    drain: () => viewer?.pump(),
    close: () => viewer?.gone(),
  };
}
