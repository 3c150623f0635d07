/** Responses as a service: made, kept, gone on from, followed, cancelled, forgotten. */
import type { Database } from "bun:sqlite";
import { type Caller, requireOwn } from "../../../auth/caller.ts";
import { requireSession, workspaceFor } from "../../../auth/guard.ts";
import { ApiError } from "../../../http/errors.ts";
import { callerOf, contextOf } from "../../../http/request-context.ts";
import { type Clock, systemClock } from "../../../sessions/clock.ts";
import { SessionError } from "../../../sessions/index.ts";
import { type ResponseRecord, ResponseStore } from "../../../store/response-store.ts";
import { countTokens } from "../../turns/count.ts";
import { formatOf } from "../../turns/format.ts";
import { readSessionHeaders } from "../../turns/headers.ts";
import { requestedModel } from "../../turns/requested-model.ts";
import { requireResults } from "../../turns/tools.ts";
import { openReply, type TurnServices } from "../../turns/turns.ts";
import { Background } from "./background.ts";
import { ResponseBuilder } from "./builder.ts";
import { Foreground } from "./foreground.ts";
import type { Item } from "./items.ts";
import type { ResponsesRequest } from "./model.ts";
import { prepare, type Prepared } from "./prepare.ts";
import { Recording } from "./recording.ts";
import { newHead, type ResponseHead, toResponse, toResponseError } from "./response.ts";

export interface ResponsesOptions {
  database: Database;
  turns: TurnServices;
  /** Turns that may wait for a process. */
  queueLimit: number;
  /** Milliseconds for which a response is kept when it is over. */
  keepMs: number;
  /** Told of what nobody expected, and of what could not be written down. */
  onFailure: (error: unknown) => void;
  /** Told of each response that somebody deletes. */
  onDeleted?: (id: string, caller: Caller) => void;
  clock?: Clock;
}

/** Responses kept, whatever their age, and characters of all of them. */
const maxCount = 50_000;
const maxSize = 4 * 1024 ** 3;
/** Milliseconds between two looks for what may be forgotten. */
const forgetEvery = 10 * 60_000;

export class Responses implements AsyncDisposable {
  readonly #options: ResponsesOptions;
  readonly #clock: Clock;
  readonly #store: ResponseStore;
  readonly #background: Background;
  #timer: Disposable | undefined;

  constructor(options: ResponsesOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#store = new ResponseStore(options.database);
    this.#background = new Background({ store: this.#store, clock: this.#clock, onFailure: options.onFailure });
  }

  /** Settles what the server before this one left behind. */
  begin(): void {
    const error = toResponseError(new ApiError("internal", "The server was restarted in the middle of it."));
    this.#keep(() => {
      for (const { seq, head } of this.#store.underWay()) {
        const failed: ResponseHead = { ...(JSON.parse(head) as ResponseHead), status: "failed", error };
        this.#store.atomically(() => this.#settle(seq, failed));
      }
    });
    this.#forget();
  }

  /** @throws ApiError that names the field */
  create(body: ResponsesRequest, request: Request) {
    const caller = callerOf(request);
    const prepared = prepare(body, this.#store, caller);
    const builder = new ResponseBuilder({
      head: newHead(body, this.#clock.now()),
      names: prepared.names,
      include: prepared.include,
      summary: prepared.summary,
      now: () => this.#clock.now(),
    });
    const recording =
      body.store === false ? null : this.#recording(builder, prepared, body.background ?? false, caller);
    return { prepared, builder, recording, request };
  }

  /**
   * How many tokens the conversation of a request comes to, by estimate; nothing is kept of it.
   *
   * @throws ApiError that names the field
   */
  countInput(body: ResponsesRequest, request: Request): number {
    const { family } = prepare(body, this.#store, callerOf(request));
    return countTokens(family, this.#options.turns.sessions.processInfo?.models ?? []);
  }

  /** Opens the turn of a response that its client waits for. */
  foreground({ prepared, builder, recording, request }: Created) {
    const { onFailure, turns } = this.#options;
    const foreground = new Foreground({ builder, recording, signal: request.signal, onFailure });
    const opening = openReply(turns, request, prepared.family).then(({ headers, begun, events }) => ({
      headers,
      begun,
      events: foreground.events({ events }),
    }));
    return { foreground, opening };
  }

  /**
   * Begins a response that goes on without its client.
   *
   * @throws ApiError, SessionError or WorkspaceError for what is wrong with the request
   */
  async inBackground({ prepared, builder, recording, request }: Created): Promise<ResponseRecord> {
    const { turns, queueLimit } = this.#options;
    if (!recording) throw new Error("a response in the background is kept");
    this.#background.requireRoom();
    if (queueLimit > 0 && turns.sessions.waiting >= queueLimit) {
      throw new SessionError("queue_full", `${queueLimit} turns wait for a process already; no more may.`);
    }
    // What can be refused is refused while there is somebody to hear of it.
    requestedModel(prepared.family.model, turns.sessions.processInfo?.models ?? []);
    formatOf(prepared.family.outputFormat);
    requireResults(prepared.family);
    const caller = callerOf(request);
    const asked = readSessionHeaders(request.headers);
    await turns.workspaces.resolve(await workspaceFor(caller, turns.workspaces, asked.workspace));
    requireSession(caller, turns, asked.session);
    caller.requireFunds();
    const messages = await turns.media.ofInput(prepared.family.messages, request.signal);
    // That may have taken long.
    this.#background.requireRoom();
    this.#background.start(builder, recording, (signal) => {
      const alone = new Request(request.url, { headers: request.headers, signal });
      contextOf(alone).caller = caller;
      return openReply(turns, alone, { ...prepared.family, messages });
    });
    return this.get(builder.head.id, caller);
  }

  /** @throws ApiError `not_found`, AccessError `owner_foreign` */
  get(id: string, caller: Caller): ResponseRecord {
    const record = this.#store.get(id);
    if (record) requireOwn(caller, record, "The response");
    if (record) return record;
    throw new ApiError("not_found", `Response with id '${id}' not found.`, { param: "id", code: "response_not_found" });
  }

  /** The response as an object. */
  wire(record: ResponseRecord, include: ReadonlySet<string>): object {
    const output = this.#store.items(record.seq, "output").map(({ data }) => JSON.parse(data) as Item);
    return toResponse(JSON.parse(record.head) as ResponseHead, output, include);
  }

  /** All that was said before its output, the first first. */
  inputItems(record: ResponseRecord): Item[] {
    const before = record.previous === null ? [] : (this.#store.conversation(record.previous) ?? []);
    return [...before, ...this.#store.items(record.seq, "input")].map(({ data }) => JSON.parse(data) as Item);
  }

  /**
   * The events of a response in the background.
   *
   * @param after sequence number of the last that the reader has; -1 for none
   * @throws ApiError for one that has none, and where those asked for are gone
   */
  follow(record: ResponseRecord, after: number, signal: AbortSignal) {
    if (!record.background) {
      throw new ApiError(
        "invalid_request",
        "stream: only a response made with background: true can be streamed again.",
        {
          param: "stream",
        },
      );
    }
    const first = this.#store.firstEvent(record.seq) ?? 0;
    if (after < first - 1) {
      throw new ApiError(
        "invalid_request",
        `starting_after: the events before ${first} are gone. Go on after ${first - 1}, or fetch the response without stream.`,
        { param: "starting_after" },
      );
    }
    return this.#background.follow(record, after, signal);
  }

  /** @throws ApiError for one that is not made in the background */
  async cancel(id: string, caller: Caller): Promise<ResponseRecord> {
    if (!this.get(id, caller).background) {
      throw new ApiError(
        "invalid_request",
        "Only a response made with background: true can be cancelled. To end another, close its connection.",
        { param: "id", code: "response_not_cancellable" },
      );
    }
    await this.#background.cancel(id);
    return this.get(id, caller);
  }

  /** Ends it first if it is under way in the background. */
  async delete(id: string, caller: Caller): Promise<void> {
    this.get(id, caller);
    await this.#background.cancel(id);
    this.#store.delete(id);
    this.#options.onDeleted?.(id, caller);
  }

  /** @param graceMs milliseconds that those in the background have to finish */
  drain(graceMs: number): Promise<void> {
    return this.#background.drain(graceMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer?.[Symbol.dispose]();
    await this.#background[Symbol.asyncDispose]();
  }

  #recording(builder: ResponseBuilder, { input }: Prepared, events: boolean, { owner }: Caller): Recording {
    const { onFailure } = this.#options;
    return new Recording({
      store: this.#store,
      builder,
      input,
      owner,
      events,
      now: () => this.#clock.now(),
      onFailure,
    });
  }

  /** Its stream ends as its record does. */
  #settle(seq: number, head: ResponseHead): void {
    const event = {
      type: "response.failed",
      sequence_number: this.#store.lastEvent(seq) + 1,
      response: toResponse(head, [], new Set()),
    };
    if (head.background)
      this.#store.addEvents(seq, [{ id: event.sequence_number, type: event.type, data: JSON.stringify(event) }]);
    const record = { status: head.status, head: JSON.stringify(head), output: [], endedAt: this.#clock.now() };
    this.#store.end(seq, record);
  }

  #forget(): void {
    this.#keep(() => this.#store.forget({ endedBefore: this.#clock.now() - this.#options.keepMs, maxCount, maxSize }));
    this.#timer = this.#clock.after(forgetEvery, () => this.#forget());
  }

  #keep(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#options.onFailure(error);
    }
  }
}

export type Created = ReturnType<Responses["create"]>;
