/** HTTP by hand, for what no well-behaved client sends. */
import { connect } from "node:net";

export interface RawRequest {
  method?: string;
  /** As it goes on the wire, unchanged. */
  target: string;
  headers?: Record<string, string>;
}

export interface RawReply {
  status: number;
  body: string;
}

/** Sends the head of a request and nothing after it, whatever the head announces. */
export function rawRequest(url: string, { method = "GET", target, headers = {} }: RawRequest): Promise<RawReply> {
  const { hostname, port, host } = new URL(url);
  const { promise, resolve, reject } = Promise.withResolvers<RawReply>();
  const lines = Object.entries({ host, connection: "close", ...headers }).map(([name, value]) => `${name}: ${value}`);
  const socket = connect(Number(port), hostname, () => {
    socket.write([`${method} ${target} HTTP/1.1`, ...lines, "", ""].join("\r\n"));
  });
  let answer = "";
  socket.setEncoding("utf8");
  socket.on("data", (text: string) => {
    answer += text;
    const [head = "", body = ""] = answer.split("\r\n\r\n");
    const length = /^content-length: (\d+)/im.exec(head)?.[1];
    if (length === undefined || Buffer.byteLength(body) < Number(length)) return;
    resolve({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]), body });
    socket.destroy();
  });
  socket.on("error", reject);
  socket.on("close", () => reject(new Error(`no complete reply: ${answer.slice(0, 200)}`)));
  return promise;
}
