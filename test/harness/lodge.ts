/** A whole server for a test: the real CLI, the demo model, a data folder of its own, gone at the end. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DemoModel, type DemoRequest, startDemoModel } from "@lodge/server/demo";
import { createLog, demoEnvironment, type Lodge, readConfig, startLodge } from "@lodge/server/lodge";
import { noting, requireNoSurprise } from "./surprises.ts";
import { type Watch, watchSessions } from "./watch.ts";

/**
 * The CLI's process lives for seconds here, and its model speaks no TLS. Looking for garbage as soon as it idles, code
 * compiled for speed and all of the machine's certificates are a third of the processor time that it would take.
 */
const shortLived = { BUN_GC_TIMER_DISABLE: "1", BUN_JSC_useDFGJIT: "0", CLAUDE_CODE_CERT_STORE: "bundled" };

export interface TestLodge extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
  readonly data: string;
  readonly model: DemoModel;
  /** What the model was asked, in order. */
  readonly requests: DemoRequest[];
  /** Sends a request with the token. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** `POST` with a JSON body. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  /** Follows its sessions. */
  watch(): Promise<Watch>;
  /** Stops the server and starts it again on the same data folder and model. */
  restart(settings?: Record<string, string>): Promise<void>;
}

/**
 * @param settings `LODGE_…` variables for this server
 * @param options what no variable sets
 */
export async function startTestLodge(
  settings: Record<string, string> = {},
  options: { heartbeatMs?: number } = {},
): Promise<TestLodge> {
  await using stack = new AsyncDisposableStack();
  const data = await mkdtemp(join(tmpdir(), "lodge-test-"));
  stack.defer(() => rm(data, { recursive: true, force: true }));
  const requests: DemoRequest[] = [];
  const surprises: string[] = [];
  const model = stack.use(await startDemoModel({ onRequest: (request) => requests.push(request) }));
  let lodge = await start(settings);
  stack.defer(() => lodge.stop());
  const owned = stack.move();

  function start(given: Record<string, string>): Promise<Lodge> {
    const config = readConfig({
      LODGE_DATA: data,
      LODGE_PORT: "0",
      LODGE_LOG_LEVEL: "error",
      LODGE_SPARES: "0",
      ...given,
    });
    const demo = { env: { ...demoEnvironment(config, model), ...shortLived } };
    return startLodge({ config, log: noting(createLog(config.logLevel), surprises), demo, ...options });
  }

  const test: TestLodge = {
    get url() {
      return lodge.url;
    },
    get token() {
      return lodge.token;
    },
    data,
    model,
    requests,
    fetch: (path, init = {}) => {
      const headers = new Headers(init.headers);
      headers.set("authorization", `Bearer ${lodge.token}`);
      return fetch(lodge.url + path, { ...init, headers });
    },
    post: (path, body, headers = {}) =>
      test.fetch(path, {
        method: "POST",
        body: JSON.stringify(body),
        headers: { "content-type": "application/json", ...headers },
      }),
    watch: () => watchSessions((signal) => test.fetch("/api/events", { signal })),
    async restart(given = settings) {
      await lodge.stop();
      lodge = await start(given);
    },
    async [Symbol.asyncDispose]() {
      await owned.disposeAsync();
      requireNoSurprise(surprises);
    },
  };
  return test;
}
