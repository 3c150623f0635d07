/** The `x-claude-*` headers: what a request asks of its session beside what its wire format can say. */
import { driverName, sessionMode } from "@lodge/shared";
import { z } from "zod";
import { ApiError } from "../../http/errors.ts";

const flag = z.string().transform((value) => ["1", "true", "yes"].includes(value.toLowerCase()));
const seconds = z.coerce
  .number()
  .positive()
  .max(7 * 24 * 3600);

const schemas = {
  workspace: z.string().max(4096),
  session: z.string().min(1).max(512),
  continue: flag,
  "append-system-prompt": z.string(),
  mode: sessionMode,
  driver: driverName,
  effort: z.enum(["low", "medium", "high", "xhigh", "max"]),
  "permission-mode": z.enum(["default", "acceptEdits", "bypassPermissions", "plan", "dontAsk", "auto"]),
  "max-turns": z.coerce.number().int().min(1).max(1000),
  timeout: seconds,
  "keep-running": flag,
} as const;

type Name = keyof typeof schemas;

/** Also understood, from an earlier system. */
const aliases: Partial<Record<Name, string>> = { session: "x-arch-claude-cli-session" };

export interface SessionHeaders {
  workspace: string;
  session: string | undefined;
  /** Goes on with the workspace's latest conversation, unless a session is named. */
  continue: boolean;
  appendSystemPrompt: string | undefined;
  mode: z.infer<(typeof schemas)["mode"]> | undefined;
  driver: z.infer<(typeof schemas)["driver"]> | undefined;
  effort: z.infer<(typeof schemas)["effort"]> | undefined;
  permissionMode: z.infer<(typeof schemas)["permission-mode"]> | undefined;
  maxTurns: number | undefined;
  timeoutMs: number | undefined;
  keepRunning: boolean;
}

/** @throws ApiError that names the header */
export function readSessionHeaders(headers: Headers): SessionHeaders {
  const read = <N extends Name>(name: N): z.infer<(typeof schemas)[N]> | undefined => {
    const header = `x-claude-${name}`;
    const value = headers.get(header) ?? headers.get(aliases[name] ?? "x-none");
    if (value === null || value === "") return undefined;
    const parsed = schemas[name].safeParse(value);
    if (parsed.success) return parsed.data as z.infer<(typeof schemas)[N]>;
    throw new ApiError("invalid_request", `Header ${header}: ${parsed.error.issues[0]?.message ?? "not valid"}`, {
      param: header,
    });
  };
  const timeout = read("timeout");
  return {
    workspace: read("workspace") ?? "",
    session: read("session"),
    continue: read("continue") ?? false,
    appendSystemPrompt: read("append-system-prompt"),
    mode: read("mode"),
    driver: read("driver"),
    effort: read("effort"),
    permissionMode: read("permission-mode"),
    maxTurns: read("max-turns"),
    timeoutMs: timeout === undefined ? undefined : timeout * 1000,
    keepRunning: read("keep-running") ?? false,
  };
}
