/** Sends one file, by XMLHttpRequest, which alone tells how much of a body has gone out. */
import { contentAddress, failureOf, guard } from "./requests.ts";
import { type Send, Taken } from "./uploads.ts";

export const sendTo =
  (workspace: string): Send =>
  (path, file, over, { signal, onSent }) =>
    new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("PUT", contentAddress(workspace, path));
      for (const [name, value] of Object.entries(guard(over))) request.setRequestHeader(name, value);
      request.upload.addEventListener("progress", ({ loaded }) => onSent(loaded));
      request.addEventListener("load", () => {
        if (request.status === 412) reject(new Taken(request.getResponseHeader("etag") ?? ""));
        else if (request.status < 300) resolve();
        else reject(failureOf(request.status, request.responseText));
      });
      request.addEventListener("error", () => reject(new Error("The connection broke.")));
      request.addEventListener("abort", () => reject(new Error("It was broken off.")));
      signal.addEventListener("abort", () => request.abort(), { once: true });
      request.send(file);
    });
