/** The server's side of a terminal, as the browser reaches it. */
import { problem, terminalTicket } from "@lodge/shared";
import { ApiFailure } from "../../lib/api-failure.ts";
import type { Socket, SocketListener } from "./connection.ts";

/** @throws ApiFailure */
export async function fetchTicket(sessionId: string, name: string): Promise<string> {
  const response = await fetch(`/api/terminals/${sessionId}/tickets`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ role: "control", name }),
  }).catch((cause: unknown) => {
    throw new ApiFailure(0, `No answer from ${window.location.host}.`, { cause });
  });
  const body: unknown = await response.json().catch(() => null);
  const ticket = terminalTicket.safeParse(body);
  if (response.ok && ticket.success) return ticket.data.ticket;
  const told = problem.safeParse(body);
  throw new ApiFailure(
    response.status,
    told.success ? told.data.detail : `The server answered with status ${response.status}.`,
  );
}

export function openSocket(sessionId: string, ticket: string, listener: SocketListener): Socket {
  const address = new URL(`/api/terminals/${sessionId}/socket`, window.location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  address.searchParams.set("ticket", ticket);
  const socket = new WebSocket(address);
  socket.binaryType = "arraybuffer";
  socket.addEventListener("open", listener.onOpen);
  socket.addEventListener("message", ({ data }) => listener.onMessage(data as string | ArrayBuffer));
  socket.addEventListener("close", ({ code }) => listener.onClose(code));
  return {
    send: (data) => socket.send(data),
    close: () => {
      // A browser complains of a socket that is closed before it is open.
      if (socket.readyState === WebSocket.CONNECTING) socket.addEventListener("open", () => socket.close());
      else socket.close();
    },
  };
}
