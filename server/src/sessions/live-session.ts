/**
 * A session with a process: its states, and its record as it will be kept. Every change of state happens in `#to` and is
 * announced from there.
 */
import type { SessionSource, SessionState, SessionSummary } from "@lodge/shared";
import type { SessionRecord } from "../store/session-store.ts";
import type { HeldTurn } from "./active-turn.ts";
import type { Clock } from "./clock.ts";
import { textOf, type UserBlock } from "./conversation.ts";
import type { Driver } from "./drivers/driver.ts";
import type { SessionEvent, Usage } from "./events.ts";
import type { Fingerprint } from "./fingerprint.ts";
import type { LaunchPlan } from "./launch.ts";
import type { Answer, Prompt } from "./prompts.ts";
import type { Slot } from "./slots.ts";
import { draftOf } from "./structured.ts";

/** Characters of a prompt or an answer that a listing shows. */
const excerptLength = 200;

/** A live session as others may see it. `cwd` is a path of the host. */
export type SessionSnapshot = Omit<SessionSummary, "workspace" | "tags" | "viewers"> & {
  cwd: string;
  owner: string | null;
};

export interface LiveSessionParts {
  id: string;
  plan: LaunchPlan;
  startDriver: (onPrompts: (prompts: readonly Prompt[]) => void) => Driver;
  slot: Slot;
  clock: Clock;
  /** Milliseconds that a prompt may wait for a person before it is denied. */
  answerMs: number;
  /** What was known of the session before it had this process. */
  record?: SessionRecord | undefined;
  onChange: (session: LiveSession) => void;
  /** Told of each message that begins a turn, and of all that the process says. */
  onAsked?: ((session: LiveSession, input: readonly UserBlock[]) => void) | undefined;
  onSaid?: ((session: LiveSession, event: SessionEvent) => void) | undefined;
}

export class LiveSession {
  readonly id: string;
  readonly driver: Driver;
  readonly slot: Slot;
  /** Key of its launch plan; `adjustable` may have changed since the launch. */
  plan: LaunchPlan;
  /** Its process was started for plain words, and can do nothing else. */
  readonly isPlain: boolean;
  /** The conversation that it holds, while it is ready for its next message or for the results of the client's tools. */
  fingerprint: Fingerprint | null = null;
  /** The turn that waits for such results. */
  held: HeldTurn | null = null;
  /** It is ended so that another process can go on with the session. */
  isHandedOn = false;
  /** A person has typed a message of their own since the turn began: no client knows this conversation. */
  wasTypedIn = false;

  #attended: { by: string | null; since: number } | null = null;
  #prompts: readonly Prompt[] = [];
  #answerTimers = new Map<string, Disposable>();
  readonly #clock: Clock;
  readonly #answerMs: number;
  readonly #onChange: (session: LiveSession) => void;
  readonly #onAsked: LiveSessionParts["onAsked"];
  readonly #onSaid: LiveSessionParts["onSaid"];
  /** Apart from what a person is asked, which may come in the midst of anything. */
  #state: SessionState = { name: "starting" };
  #asking: SessionState | null = null;
  #record: SessionRecord;
  #recordBefore: SessionRecord | undefined;
  /** The latest call that gave a document. */
  #draft: string | null = null;
  readonly #promptListeners = new Set<() => void>();
  #reason = "its process died";

  constructor({ id, plan, startDriver, slot, clock, answerMs, record, onChange, onAsked, onSaid }: LiveSessionParts) {
    this.id = id;
    this.plan = plan;
    this.isPlain = plan.isPlain;
    this.slot = slot;
    this.#clock = clock;
    this.#answerMs = answerMs;
    this.#onChange = onChange;
    this.#onAsked = onAsked;
    this.#onSaid = onSaid;
    const now = clock.now();
    this.#record = record ?? {
      id,
      cwd: plan.fixed.cwd,
      driver: plan.fixed.driver,
      mode: plan.fixed.mode,
      model: plan.adjustable.model,
      title: "",
      lastWords: "",
      source: null,
      turns: 0,
      inputTokens: 0,
      outputTokens: 0,
      costUsd: 0,
      contextTokens: null,
      contextWindow: null,
      startedAt: now,
      lastActiveAt: now,
      tip: null,
      owner: plan.fixed.owner,
    };
    this.driver = startDriver((prompts) => this.#setPrompts(prompts));
  }

  /** Whether its process was started for just what this plan asks. */
  isFor(plan: LaunchPlan): boolean {
    return this.plan.key === plan.key && this.isPlain === plan.isPlain;
  }

  /** Whether its process can answer what this plan asks. One that can do more can also do with plain words. */
  serves(plan: LaunchPlan): boolean {
    return this.plan.key === plan.key && (plan.isPlain || !this.isPlain);
  }

  get state(): SessionState {
    return this.#asking ?? this.#state;
  }

  get record(): Readonly<SessionRecord> {
    return this.#record;
  }

  /** What its process waits for a person to decide, oldest first. */
  get prompts(): readonly Prompt[] {
    return this.#prompts;
  }

  /** Whether a turn has ever begun in it: a process that only waits warm is nobody's session yet. */
  get hasHistory(): boolean {
    return this.#attended !== null || this.#record.title !== "" || this.#record.turns > 0;
  }

  /** Whether it is of interest to anybody: what only waits warm is not, until it asks for a person. */
  get isShown(): boolean {
    return this.hasHistory || (this.#prompts.length > 0 && this.#asking !== null);
  }

  /** Whether a person has it to themselves: no turn gets it, and it is not ended for being idle or in the way. */
  get isAttended(): boolean {
    return this.#attended !== null;
  }

  /** It is a person's from now on, or another's; null stands for one whose name is not known. */
  attend(by: string | null): void {
    this.#attended = { since: this.#clock.now(), ...this.#attended, by };
    this.#onChange(this);
  }

  snapshot(): SessionSnapshot {
    return {
      ...fromRecord(this.#record),
      state: this.state,
      ...(this.#attended === null ? {} : { attended: this.#attended }),
      ...(this.driver.pid === undefined ? {} : { pid: this.driver.pid }),
    };
  }

  /** A turn begins. Taking a session that is not ready is a bug: two turns would mix. */
  begin(input: readonly UserBlock[], source: SessionSource): void {
    if (this.#state.name !== "ready" && this.#state.name !== "starting") {
      throw new Error(`session ${this.id} was taken while ${this.#state.name}`);
    }
    const words = textOf(input).trim();
    this.#recordBefore = this.#record;
    this.#record = {
      ...this.#record,
      title: this.#record.title || firstWords(words) || "(no text)",
      lastWords: lastWords(words),
      source,
      lastActiveAt: this.#clock.now(),
      // Until the turn is over nobody knows where its transcript ends.
      tip: null,
    };
    this.fingerprint = null;
    this.wasTypedIn = false;
    this.#onAsked?.(this, input);
    this.#to({ name: "busy", since: this.#clock.now() });
  }

  /** A person typed a message at its terminal. Who holds the session for ready withdraws it under its fingerprint first. */
  typed(text: string): void {
    const words = text.trim();
    this.wasTypedIn = true;
    this.fingerprint = null;
    this.#record = {
      ...this.#record,
      title: this.#record.title || firstWords(words) || "(no text)",
      lastWords: lastWords(words),
      lastActiveAt: this.#clock.now(),
      tip: null,
    };
    this.#onChange(this);
  }

  /** The turn waits for the client's results; what was said so far is the conversation of this fingerprint. */
  hold(held: HeldTurn, fingerprint: Fingerprint): void {
    this.held = held;
    this.fingerprint = fingerprint;
    const names = [...new Set(held.calls.map(({ name }) => name))].join(", ");
    this.#record = { ...this.#record, lastActiveAt: this.#clock.now() };
    this.#to({ name: "waiting", since: this.#clock.now(), reason: "tool", detail: names.slice(0, 1000) });
  }

  /** The results are there: the held turn goes on. */
  goOn(): void {
    if (!this.held) throw new Error(`session ${this.id} holds no turn that could go on`);
    this.held = null;
    this.fingerprint = null;
    this.#recordBefore = this.#record;
    this.#record = { ...this.#record, lastActiveAt: this.#clock.now(), tip: null };
    this.#to({ name: "busy", since: this.#clock.now() });
  }

  /** What a turn took that came to no result, as far as is known. */
  count({ usage, costUsd }: { usage: Usage; costUsd: number }): void {
    const input = usage.inputTokens + usage.cacheReadTokens + usage.cacheCreationTokens;
    this.#record = {
      ...this.#record,
      inputTokens: this.#record.inputTokens + input,
      outputTokens: this.#record.outputTokens + usage.outputTokens,
      costUsd: this.#record.costUsd + costUsd,
    };
  }

  /** Keeps what the turn's events tell about the session. */
  observe(event: SessionEvent): void {
    this.#onSaid?.(this, event);
    const record = this.#record;
    switch (event.type) {
      case "started":
        this.#record = { ...record, model: event.model };
        break;
      case "assistant":
        this.#record = { ...record, tip: event.uuid };
        break;
      case "block_start":
        this.#draft = draftOf(event) ?? this.#draft;
        break;
      case "tool_result":
        // A turn that ends in a document ends there: nothing of the model's comes after it.
        if (event.result.tool_use_id === this.#draft && !event.result.is_error) {
          this.#record = { ...record, tip: event.uuid };
        }
        break;
      case "message_stop":
        this.#record = { ...record, contextTokens: contextOf(event.usage) };
        break;
      case "result":
        this.#record = {
          ...record,
          contextWindow: event.contextWindow ?? record.contextWindow,
          turns: record.turns + 1,
          inputTokens:
            record.inputTokens +
            event.usage.inputTokens +
            event.usage.cacheReadTokens +
            event.usage.cacheCreationTokens,
          outputTokens: record.outputTokens + event.usage.outputTokens,
          costUsd: record.costUsd + event.costUsd,
          lastWords: lastWords(event.text) || record.lastWords,
          lastActiveAt: this.#clock.now(),
        };
        break;
      default:
        break;
    }
  }

  /** The turn that began was never taken: as if nobody had asked. */
  revert(): void {
    this.#record = this.#recordBefore ?? this.#record;
  }

  /** Calls back on every change of `prompts` until disposed. */
  watchPrompts(listener: () => void): Disposable {
    this.#promptListeners.add(listener);
    return { [Symbol.dispose]: () => void this.#promptListeners.delete(listener) };
  }

  /** The turn ended well, or the process is up: it can take the next message. */
  becomeReady(): void {
    this.#to({ name: "ready" });
  }

  /** @param reason why its process is ended, for whoever asks later */
  becomeEnding(reason: string): void {
    this.#reason = reason;
    this.#to({ name: "ending" });
  }

  becomeEnded(): void {
    this.#to({ name: "ended", reason: this.#reason });
  }

  /** The process asks, or has its answer: waiting comes in the midst of whatever else it was doing. */
  #setPrompts(prompts: readonly Prompt[]): void {
    const before = this.#prompts;
    this.#prompts = prompts;
    for (const { id } of before) {
      if (prompts.some((prompt) => prompt.id === id)) continue;
      this.#answerTimers.get(id)?.[Symbol.dispose]();
      this.#answerTimers.delete(id);
    }
    for (const prompt of prompts) {
      if (this.#answerTimers.has(prompt.id)) continue;
      const answer = denial(prompt);
      if (!answer) continue;
      const deny = () => void this.driver.answer(prompt.id, answer).catch(() => {});
      this.#answerTimers.set(prompt.id, this.#clock.after(this.#answerMs, deny));
    }
    const [first] = prompts;
    const isOver = this.#state.name === "ending" || this.#state.name === "ended";
    if (!isOver && (first || this.#asking)) {
      const since = this.#clock.now();
      this.#asking = first
        ? { name: "waiting", since, reason: first.reason, detail: first.title.slice(0, 1000) }
        : null;
      this.#onChange(this);
    }
    for (const listener of this.#promptListeners) listener();
  }

  #to(state: SessionState): void {
    if (this.#state.name === "ended") return;
    if (state.name === "ending" || state.name === "ended") {
      for (const timer of this.#answerTimers.values()) timer[Symbol.dispose]();
      this.#answerTimers.clear();
      this.#asking = null;
    }
    this.#state = state;
    this.#onChange(this);
  }
}

/** What was said to the model and what it said: the next call begins with all of it. */
const contextOf = (usage: Usage): number =>
  usage.inputTokens + usage.cacheReadTokens + usage.cacheCreationTokens + usage.outputTokens;

function firstWords(text: string): string {
  const words = text.trim();
  return words.length <= excerptLength ? words : `${words.slice(0, excerptLength).replace(/\s+\S*$/, "")} …`;
}

function lastWords(text: string): string {
  const words = text.trim();
  return words.length <= excerptLength ? words : `… ${words.slice(-excerptLength).replace(/^\S*\s+/, "")}`;
}

/** A session without a process, as it was kept. */
export function hibernatedSnapshot(record: SessionRecord): SessionSnapshot {
  return { ...fromRecord(record), state: { name: "hibernated" } };
}

function fromRecord({
  driver,
  mode,
  source,
  contextTokens: tokens,
  contextWindow: window,
  tip: _tip,
  ...rest
}: SessionRecord): Omit<SessionSnapshot, "state"> {
  return {
    ...rest,
    ...(tokens === null ? {} : { context: { tokens, ...(window === null ? {} : { window }) } }),
    driver: driver as SessionSnapshot["driver"],
    mode: mode as SessionSnapshot["mode"],
    ...(source === null ? {} : { source: source as SessionSource }),
  };
}

/** What stands for a person who did not come: no. A dialog without a no is left as it is. */
function denial(prompt: Prompt): Answer | null {
  return prompt.options.some(({ id }) => id === "deny")
    ? { option: "deny", message: "Nobody answered in time." }
    : null;
}
