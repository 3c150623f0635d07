import type { Caller } from "../auth/caller.ts";
import type { SocketHandler } from "./sockets.ts";

/** What is known of a request beside its bytes: carried along so that every reply and log line can name it. */

export interface RequestContext {
  /** Sent back as `x-request-id` and `request-id`. */
  readonly id: string;
  /** Who asks; absent where nobody needs to be known. */
  caller?: Caller;
  sessionId?: string;
  source?: string;
  /** Quiet time in milliseconds after which its stream gets a heartbeat; the usual one when absent. */
  heartbeatMs?: number | undefined;
  /** Settles when the last byte of a streamed reply is out or its client is gone. */
  streaming?: Promise<void>;
  /** Whether the reply is still on its way, as the server knows it. */
  isOpen?: () => boolean;
  /** Address that the request comes from, as the server knows it. */
  address?: () => string | undefined;
  /** Makes the connection a WebSocket; there is no reply then. False when it cannot be made one. */
  upgrade?: (handler: SocketHandler) => boolean;
  /** Whether the reply's body is left out. Handlers see a GET. */
  isHead?: boolean;
  /** Bytes that a GET would send, where the reply to a HEAD was made without them. */
  headLength?: number;
}

const contexts = new WeakMap<Request, RequestContext>();

export function beginRequest(request: Request): RequestContext {
  const context: RequestContext = { id: `req_${crypto.randomUUID().replaceAll("-", "")}` };
  contexts.set(request, context);
  return context;
}

export function contextOf(request: Request): RequestContext {
  return contexts.get(request) ?? beginRequest(request);
}

/** Who asks, on a route that is not open to everybody. */
export function callerOf(request: Request): Caller {
  const { caller } = contextOf(request);
  if (!caller) throw new Error("nobody looked who asks");
  return caller;
}
