/** Sends one file into a workspace, over nothing or over the version that was seen. */
import { sendFile } from "../../lib/send-file.ts";
import { contentAddress, failureOf, guard } from "./requests.ts";
import { type Send, Taken } from "./uploads.ts";

export const sendTo =
  (workspace: string): Send =>
  async (path, file, over, { signal, onSent }) => {
    const address = contentAddress(workspace, path);
    const reply = await sendFile({ method: "PUT", address, headers: guard(over), file, signal, onSent });
    if (reply.status === 412) throw new Taken(reply.header("etag") ?? "");
    if (reply.status >= 300) throw failureOf(reply.status, reply.text);
  };
