/** WebSockets: a route turns its request into one by `contextOf(request).upgrade`, after it has checked what it must. */

/** What a route does with its socket. */
export interface SocketHandler {
  open(socket: OpenSocket): void;
  message(frame: string | Uint8Array<ArrayBuffer>): void;
  /** There is room again in the socket's buffer. */
  drain(): void;
  /** The connection is gone, however it went. */
  close(): void;
}

export interface OpenSocket {
  send(data: string | Uint8Array<ArrayBuffer>): void;
  /** Bytes that were sent and have not left yet. */
  readonly buffered: number;
  close(code: number, reason: string): void;
}

/** Bytes of a frame that are read at all; what a protocol allows is less, and for it to say. */
const maxPayloadLength = 1024 * 1024;
/** Seconds without a sign of life, pings' answers included, after which a connection is taken for lost. */
const idleTimeout = 60;
/** Bytes of a close's reason. */
const maxReason = 120;

export const websocket: Bun.WebSocketHandler<SocketHandler> = {
  maxPayloadLength,
  idleTimeout,
  sendPings: true,
  // Snapshots are compressed already; output is small, and should be quick.
  perMessageDeflate: false,
  open(socket) {
    socket.data.open({
      send: (data) => void socket.send(data),
      get buffered() {
        return socket.getBufferedAmount();
      },
      close: (code, reason) => socket.close(code, reason.slice(0, maxReason)),
    });
  },
  message: (socket, frame) => socket.data.message(frame),
  drain: (socket) => socket.data.drain(),
  close: (socket) => socket.data.close(),
};
