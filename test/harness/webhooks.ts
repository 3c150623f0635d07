/** Receives webhooks on loopback and checks each as its receiver should. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { eventually } from "./processes.ts";

export interface Webhook {
  id: string;
  body: { type: string; timestamp: string; data: Record<string, unknown> };
  /** Whether the signature is that of the secret over what came. */
  genuine: boolean;
}

export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly received: Webhook[];
  until(count: number, withinMs?: number): Promise<void>;
}

/** @param status what it answers to the first, the second, …; 204 to all others */
export function receiveWebhooks(secret: string, status: number[] = []): Receiver {
  const received: Webhook[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const text = await request.text();
      const header = (name: string) => request.headers.get(`webhook-${name}`) ?? "";
      const signed = `${header("id")}.${header("timestamp")}.${text}`;
      const expected = `v1,${createHmac("sha256", secret).update(signed).digest("base64")}`;
      const given = header("signature");
      const genuine =
        given.length === expected.length &&
        timingSafeEqual(Buffer.from(given), Buffer.from(expected)) &&
        Math.abs(Date.now() / 1000 - Number(header("timestamp"))) < 60;
      received.push({ id: header("id"), body: JSON.parse(text) as Webhook["body"], genuine });
      return new Response(null, { status: status[received.length - 1] ?? 204 });
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}/hook`,
    received,
    until: (count, withinMs) => eventually(`${count} webhooks`, () => received.length >= count, withinMs),
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}
