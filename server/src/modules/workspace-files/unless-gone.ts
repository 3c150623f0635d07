/** Work that ends early when nobody waits for it any more: that is no failure of the server's, and nobody hears of it. */
import { ApiError } from "../../http/errors.ts";

export async function unlessGone<T>({ signal }: Request, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new ApiError("invalid_request", "The request was given up before it was answered.", { cause: error });
  }
}
