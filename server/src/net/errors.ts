/** What can go wrong with a request that the server makes on somebody's word. */

export type OutgoingErrorKind =
  /** No address that this server would ask, whoever wants it to. */
  | "invalid"
  /** It leads to an address that is not public. */
  | "refused"
  | "unreachable"
  | "timeout"
  | "too_large"
  | "aborted";

/** The message is fit for the caller: it names what the caller gave, and no address that a name led to. */
export class OutgoingError extends Error {
  override readonly name = "OutgoingError";

  constructor(
    readonly kind: OutgoingErrorKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
