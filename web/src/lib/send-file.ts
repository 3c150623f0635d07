/** Sends a file's bytes, by XMLHttpRequest, which alone tells how much of a body has gone out. */

export interface SentFile {
  method: "PUT" | "POST";
  address: string;
  headers?: Record<string, string>;
  file: Blob;
  signal: AbortSignal;
  /** Told how many bytes have gone out. */
  onSent: (bytes: number) => void;
}

export interface FileReply {
  status: number;
  text: string;
  header: (name: string) => string | null;
}

/** Resolves with whatever the server answers. @throws when the connection breaks, or it is broken off */
export function sendFile({ method, address, headers = {}, file, signal, onSent }: SentFile): Promise<FileReply> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, address);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", ({ loaded }) => onSent(loaded));
    request.addEventListener("load", () =>
      resolve({
        status: request.status,
        text: request.responseText,
        header: (name) => request.getResponseHeader(name),
      }),
    );
    request.addEventListener("error", () => reject(new Error("The connection broke.")));
    request.addEventListener("abort", () => reject(new Error("It was broken off.")));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(file);
  });
}
