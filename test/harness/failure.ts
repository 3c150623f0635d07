/** What a call fails with; lazy promises, which clients like to return, are begun by waiting for them. */
export async function failureOf(call: PromiseLike<unknown>): Promise<unknown> {
  try {
    await call;
  } catch (error) {
    return error;
  }
  throw new Error("the call succeeded");
}
