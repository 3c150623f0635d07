import { availableParallelism, totalmem } from "node:os";
import { resolve } from "node:path";
/**
 * Settings: environment variables, described once. Reading them, the help text and the messages about wrong values are
 * all made from the table below.
 */
import { driverName, sessionMode, type SettingSource, type SettingSummary } from "@lodge/shared";
import { z } from "zod";

/** Bytes that one CLI process holds, as measured; half of the memory may go to them. */
const processBytes = 260 * 1024 * 1024;
/** A container may have less than its machine; where nothing limits it, the system says 0 or more than there is. */
const memoryBytes = Math.min(totalmem(), process.constrainedMemory() || Infinity);
const defaultMaxLive = Math.max(
  2,
  Math.min(64, Math.floor(memoryBytes / 2 / processBytes), availableParallelism() * 8),
);

/** The other half is for those who wait for an answer. */
const defaultJobs = Math.max(1, Math.floor(defaultMaxLive / 2));

const whole = (min: number, max: number) =>
  z.string().regex(/^\d+$/, "must be a whole number").transform(Number).pipe(z.number().min(min).max(max));

interface Setting<T extends z.ZodType> {
  env: string;
  /** Names that earlier systems used for the same thing. */
  aliases?: string[];
  /** Takes this setting's part of an alias's value, where it holds more than one; undefined when it says nothing of this. */
  fromAlias?: Record<string, (value: string) => string | undefined>;
  schema: T;
  fallback: string | undefined;
  /** How the help shows the fallback, when not as it is. */
  shown?: string;
  help: string;
  /** Nobody is shown it. */
  secret?: boolean;
}

const setting = <T extends z.ZodType>(value: Setting<T>): Setting<T> => value;

const settings = {
  host: setting({
    env: "LODGE_HOST",
    aliases: ["CLAUDE_CLI_LISTEN_ADDR"],
    fromAlias: { CLAUDE_CLI_LISTEN_ADDR: (value) => /^\[?(.+?)\]?:[^:]*$/.exec(value)?.[1] },
    schema: z.string().min(1),
    fallback: "127.0.0.1",
    help: "Address to listen on.",
  }),
  port: setting({
    env: "LODGE_PORT",
    aliases: ["CLAUDE_MODE_API_PORT", "CLAUDE_CLI_LISTEN_ADDR"],
    fromAlias: { CLAUDE_CLI_LISTEN_ADDR: (value) => value.slice(value.lastIndexOf(":") + 1) },
    schema: whole(0, 65_535),
    fallback: "8080",
    help: "Port to listen on; 0 takes any free one.",
  }),
  token: setting({
    env: "LODGE_TOKEN",
    aliases: ["CLAUDE_MODE_API_TOKEN", "API_BEARER_TOKEN"],
    schema: z.string().min(8, "must have at least 8 characters").max(512),
    fallback: undefined,
    shown: "made on the first start and kept in the data folder",
    help: "What clients prove themselves with; it opens everything. Keys for less are made in the dashboard.",
    secret: true,
  }),
  data: setting({
    env: "LODGE_DATA",
    schema: z
      .string()
      .min(1)
      .transform((path) => resolve(path)),
    fallback: "./.lodge",
    help: "Folder for everything that Lodge keeps.",
  }),
  workspaces: setting({
    env: "LODGE_WORKSPACES",
    aliases: ["WORKSPACE_DIR"],
    schema: z
      .string()
      .min(1)
      .transform((path) => resolve(path)),
    fallback: undefined,
    shown: "$LODGE_DATA/workspaces",
    help: "Folder whose subfolders are the workspaces.",
  }),
  claude: setting({
    env: "LODGE_CLAUDE",
    schema: z
      .string()
      .min(1)
      .transform((path) => resolve(path)),
    fallback: undefined,
    shown: "the one shipped with the Agent SDK",
    help: "Path of the claude CLI.",
  }),
  defaultModel: setting({
    env: "LODGE_DEFAULT_MODEL",
    schema: z.string().min(1).max(256),
    fallback: "sonnet",
    help: "Model for requests that name none.",
  }),
  defaultMode: setting({
    env: "LODGE_DEFAULT_MODE",
    schema: sessionMode,
    fallback: "agent",
    help: "agent: the CLI's own tools, working in a workspace. model: no tools, the caller's system prompt only.",
  }),
  driver: setting({
    env: "LODGE_DRIVER",
    schema: driverName,
    fallback: "stream",
    help: "How sessions are spoken to unless a request says otherwise: stream or terminal.",
  }),
  trustWorkspaces: setting({
    env: "LODGE_TRUST_WORKSPACES",
    schema: z.enum(["yes", "no"]).transform((value) => value === "yes"),
    fallback: "yes",
    help: "yes: the interactive CLI does not ask whether it may trust a workspace. no: it asks, and somebody answers.",
  }),
  maxLive: setting({
    env: "LODGE_MAX_LIVE",
    aliases: ["CLAUDE_CLI_MAX_SESSIONS"],
    schema: whole(1, 1000),
    fallback: String(defaultMaxLive),
    shown: `${defaultMaxLive}, from this machine's memory and cores`,
    help: "CLI processes at one time.",
  }),
  idleSeconds: setting({
    env: "LODGE_IDLE_SECONDS",
    aliases: ["CLAUDE_CLI_SESSION_TTL_SECS"],
    schema: whole(1, 7 * 24 * 3600),
    fallback: "600",
    help: "Seconds after which a process with nothing to do is ended. Its session can be resumed.",
  }),
  watchdogSeconds: setting({
    env: "LODGE_WATCHDOG_SECONDS",
    aliases: ["CLAUDE_CLI_WATCHDOG_SECS"],
    schema: whole(1, 24 * 3600),
    fallback: "120",
    help: "Seconds of silence in a turn after which its process is given up.",
  }),
  answerSeconds: setting({
    env: "LODGE_ANSWER_SECONDS",
    schema: whole(1, 7 * 24 * 3600),
    fallback: "300",
    help: "Seconds that a permission prompt or a question waits for a person; then the answer is no.",
  }),
  busySession: setting({
    env: "LODGE_BUSY_SESSION",
    schema: z.enum(["wait", "refuse"]),
    fallback: "wait",
    help: "What becomes of requests that name a session in the midst of another turn: wait until it is over, or refuse, which is 409.",
  }),
  attended: setting({
    env: "LODGE_ATTENDED",
    schema: z.enum(["refuse", "wait"]),
    fallback: "refuse",
    help: "What becomes of requests that name a session which a person has taken over: refuse, or wait until it is given back.",
  }),
  attendedSeconds: setting({
    env: "LODGE_ATTENDED_SECONDS",
    schema: whole(1, 7 * 24 * 3600),
    fallback: "1800",
    help: "Seconds that nobody looks at a session which a person has taken over, and nothing happens in it, after which it is given back.",
  }),
  toolSeconds: setting({
    env: "LODGE_TOOL_SECONDS",
    schema: whole(1, 6 * 24 * 3600),
    fallback: String(4 * 3600),
    shown: `${4 * 3600}, which is 4 hours`,
    help: "Seconds that a process waits for the results of tools that the client executes; later ones start another.",
  }),
  spares: setting({
    env: "LODGE_SPARES",
    schema: whole(0, 16),
    fallback: "1",
    help: "Processes that wait warm for new conversations, for each kind in recent use.",
  }),
  queue: setting({
    env: "LODGE_QUEUE",
    schema: whole(0, 10_000),
    fallback: "64",
    help: "Turns that may wait for a process.",
  }),
  mcpConfig: setting({
    env: "LODGE_MCP_CONFIG",
    schema: z
      .string()
      .min(1)
      .transform((path) => resolve(path)),
    fallback: undefined,
    shown: "none",
    help: "JSON file of the MCP servers that requests may name, as the CLI takes it with --mcp-config.",
  }),
  jobs: setting({
    env: "LODGE_JOBS",
    schema: whole(1, 1000),
    fallback: String(defaultJobs),
    shown: `${defaultJobs}, half of the processes`,
    help: "Jobs under way at one time.",
  }),
  jobsPerWorkspace: setting({
    env: "LODGE_JOBS_PER_WORKSPACE",
    schema: whole(1, 1000),
    fallback: "1",
    help: "Jobs under way in one workspace. A run always has its workspace to itself.",
  }),
  jobQueue: setting({
    env: "LODGE_JOB_QUEUE",
    schema: whole(0, 100_000),
    fallback: "1000",
    help: "Jobs that may wait for their turn; 0 refuses those that cannot begin at once.",
  }),
  keepSeconds: setting({
    env: "LODGE_KEEP_SECONDS",
    schema: whole(60, 366 * 24 * 3600),
    fallback: String(7 * 24 * 3600),
    shown: `${7 * 24 * 3600}, which is 7 days`,
    help: "Seconds for which the results of runs and jobs are kept when they are over.",
  }),
  responseSeconds: setting({
    env: "LODGE_RESPONSE_SECONDS",
    schema: whole(60, 10 * 366 * 24 * 3600),
    fallback: String(30 * 24 * 3600),
    shown: `${30 * 24 * 3600}, which is 30 days`,
    help: "Seconds for which responses that clients store are kept, and longer where a later one goes on from them.",
  }),
  claudeMd: setting({
    env: "LODGE_CLAUDE_MD",
    schema: z
      .string()
      .min(1)
      .transform((path) => resolve(path)),
    fallback: undefined,
    shown: "none",
    help: "File that a workspace without a CLAUDE.md gets a copy of before a run or a job.",
  }),
  systemHint: setting({
    env: "LODGE_SYSTEM_HINT",
    schema: z.string().max(100_000),
    fallback: undefined,
    shown: "none",
    help: "Text added to the system prompt of every run and job, before what its caller adds.",
  }),
  git: setting({
    env: "LODGE_GIT",
    schema: z.enum(["none", "pull --rebase"]),
    fallback: "none",
    help: "What git does in a workspace before each run and job, unless the workspace's own setting says otherwise: none or pull --rebase.",
  }),
  gitSeconds: setting({
    env: "LODGE_GIT_SECONDS",
    schema: whole(1, 3600),
    fallback: "120",
    help: "Seconds that git may take before a run.",
  }),
  webhookSecret: setting({
    env: "LODGE_WEBHOOK_SECRET",
    schema: z.string().min(16, "must have at least 16 characters").max(512),
    fallback: undefined,
    shown: "made on the first start and kept in the data folder",
    help: "What webhooks are signed with: whsec_ and the base64 of a key, or the key itself.",
    secret: true,
  }),
  privateAddresses: setting({
    env: "LODGE_PRIVATE_ADDRESSES",
    schema: z.enum(["yes", "no"]).transform((value) => value === "yes"),
    fallback: "no",
    help: "yes: webhooks, and the images and documents of requests, may be at addresses that are not public: loopback, private, link-local. no: they may not.",
  }),
  recordings: setting({
    env: "LODGE_RECORDINGS",
    schema: z.enum(["all", "output", "off"]),
    fallback: "all",
    help: "What is recorded of terminals: all, which is what they show and what people type; output, without what is typed; or off.",
  }),
  recordingSeconds: setting({
    env: "LODGE_RECORDING_SECONDS",
    schema: whole(60, 10 * 366 * 24 * 3600),
    fallback: String(7 * 24 * 3600),
    shown: `${7 * 24 * 3600}, which is 7 days`,
    help: "Seconds for which recordings are kept when they are over.",
  }),
  recordingBytes: setting({
    env: "LODGE_RECORDING_BYTES",
    schema: whole(16 * 1024 ** 2, Number.MAX_SAFE_INTEGER),
    fallback: String(1024 ** 3),
    shown: `${1024 ** 3}, which is 1 GiB`,
    help: "Bytes of all recordings together; the oldest make room.",
  }),
  origins: setting({
    env: "LODGE_ORIGINS",
    schema: z.string().transform((list) => list.split(/[\s,]+/).filter((origin) => origin !== "")),
    fallback: "",
    shown: "none",
    help: "Origins whose pages may open terminals beside the server's own, such as https://lodge.example; several with commas.",
  }),
  maxUploadBytes: setting({
    env: "LODGE_MAX_UPLOAD_BYTES",
    schema: whole(1, Number.MAX_SAFE_INTEGER),
    fallback: String(16 * 1024 ** 3),
    shown: `${16 * 1024 ** 3}, which is 16 GiB`,
    help: "Bytes of the largest file that may be written.",
  }),
  logLevel: setting({
    env: "LODGE_LOG_LEVEL",
    schema: z.enum(["silent", "error", "warn", "info", "debug"]),
    fallback: "info",
    help: "How much to log: silent, error, warn, info or debug.",
  }),
};

type Values = { [K in keyof typeof settings]: z.output<(typeof settings)[K]["schema"]> };
type Optional = "token" | "workspaces" | "claude" | "mcpConfig" | "claudeMd" | "systemHint" | "webhookSecret";

/** The settings as the server uses them. Paths are absolute. */
export type Config = Omit<Values, Optional> & { [K in Exclude<Optional, "workspaces">]: Values[K] | undefined } & {
  workspaces: string;
  /** Where each setting comes from. */
  sources: Readonly<Record<keyof Values, SettingSource>>;
};

/** A setting with a wrong value. The message is one line and names the variable. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** @throws ConfigError */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const all = Object.entries(settings as Record<string, Setting<z.ZodType>>);
  const entries = all.map(([key, entry]) => [key, readSetting(entry, environment)]);
  const values = Object.fromEntries(entries) as Omit<Config, "workspaces" | "sources"> & {
    workspaces: string | undefined;
  };
  const sources = Object.fromEntries(all.map(([key, entry]) => [key, sourceOf(entry, environment)]));
  return {
    ...values,
    workspaces: values.workspaces ?? resolve(values.data, "workspaces"),
    sources: sources as Config["sources"],
  };
}

/** The settings as they are, in the order of the help. */
export function describeSettings(config: Config): SettingSummary[] {
  return Object.entries(settings as Record<string, Setting<z.ZodType>>).map(([key, entry]) => ({
    name: entry.env,
    aliases: entry.aliases ?? [],
    help: entry.help,
    value: entry.secret ? null : shownValue(config[key as keyof Values], entry),
    source: config.sources[key as keyof Values],
  }));
}

/** Characters of a value that are shown. */
const maxShown = 500;

function shownValue(value: Config[keyof Values], { shown, fallback }: Setting<z.ZodType>): string {
  if (value === undefined) return shown ?? fallback ?? "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  const text = Array.isArray(value) ? value.join(", ") : String(value);
  if (text === "") return "none";
  return text.length <= maxShown ? text : `${text.slice(0, maxShown)} …`;
}

function sourceOf(entry: Setting<z.ZodType>, environment: Readonly<Record<string, string | undefined>>): SettingSource {
  const { env: name, isSet } = lookUp(entry, environment);
  if (!isSet) return { type: "default" };
  return { type: name === entry.env ? "variable" : "alias", name };
}

function readSetting(entry: Setting<z.ZodType>, environment: Readonly<Record<string, string | undefined>>): unknown {
  const { env, value } = lookUp(entry, environment);
  if (value === undefined) return undefined;
  const parsed = entry.schema.safeParse(value);
  if (parsed.success) return parsed.data;
  // Not the value itself: it may be a secret.
  throw new ConfigError(`${env}: ${parsed.error.issues[0]?.message ?? "is not valid"}. ${entry.help}`);
}

function lookUp(entry: Setting<z.ZodType>, environment: Readonly<Record<string, string | undefined>>) {
  const own = environment[entry.env];
  if (own !== undefined && own !== "") return { env: entry.env, value: own, isSet: true };
  for (const alias of entry.aliases ?? []) {
    const raw = environment[alias];
    if (raw === undefined || raw === "") continue;
    const take = entry.fromAlias?.[alias];
    const value = take ? take(raw) : raw;
    if (value !== undefined) return { env: alias, value, isSet: true };
  }
  return { env: entry.env, value: entry.fallback, isSet: false };
}

export function helpText(): string {
  const lines = Object.values(settings as Record<string, Setting<z.ZodType>>).map(
    ({ env, aliases, fallback, shown, help }) => {
      const also = aliases ? `\n      Also read from ${aliases.join(", ")}.` : "";
      return `  ${env}\n      ${help}\n      Default: ${shown ?? fallback}.${also}`;
    },
  );
  return `Lodge turns the claude CLI into APIs that OpenAI, Anthropic and MCP clients already speak.

Usage:
  bun run start     serve with the account that the claude CLI is logged in to
  bun run demo      serve with a scripted model: no account, no internet
  bun run start --help | --version

Settings are environment variables:

${lines.join("\n\n")}
`;
}
