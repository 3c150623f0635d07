/** Signatures of webhooks, as https://www.standardwebhooks.com has them, so that any of its libraries can check ours. */
import { createHmac } from "node:crypto";

/** Before a secret that is written in base64. */
const prefix = "whsec_";

/** @param secret with the prefix, the base64 of the key; without it, the key itself */
export function signedHeaders(
  secret: string,
  { id, seconds, body }: { id: string; seconds: number; body: string },
): Record<string, string> {
  const key = secret.startsWith(prefix) ? Buffer.from(secret.slice(prefix.length), "base64") : Buffer.from(secret);
  const signature = createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest("base64");
  return { "webhook-id": id, "webhook-timestamp": String(seconds), "webhook-signature": `v1,${signature}` };
}
