/** The log: JSON lines for machines, pretty on a terminal. Prompts and tokens have no place in it at info level. */
import pino, { type Logger } from "pino";
import type pretty from "pino-pretty";

export type LogLevel = "silent" | "error" | "warn" | "info" | "debug";
export type { Logger };

export function createLog(level: LogLevel, stream: NodeJS.WriteStream = process.stderr): Logger {
  if (!stream.isTTY) return pino({ level, base: null }, pino.destination({ fd: 2, sync: false }));
  const prettyPrint = require("pino-pretty") as typeof pretty;
  return pino(
    { level, base: null },
    prettyPrint({ colorize: true, translateTime: "HH:MM:ss.l", destination: 2, sync: true }),
  );
}
