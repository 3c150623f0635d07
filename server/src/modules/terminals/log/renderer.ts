/** What goes on in a session that has no terminal, as a terminal's output: one call in, the text to write out. */
import type { AssistantBlock, SessionError, SessionEvent, UserBlock } from "../../../sessions/index.ts";

const dim = "\u001b[2m";
const bold = "\u001b[1m";
const cyan = "\u001b[36m";
const green = "\u001b[32m";
const red = "\u001b[31m";
const yellow = "\u001b[33m";
const plain = "\u001b[0m";

/** Lines and characters shown of a tool's result; the transcript has the rest. */
const resultLines = 6;
const lineLength = 200;
/** Characters of a tool's input in its one line. */
const summaryLength = 120;

type ToolUse = Extract<AssistantBlock, { type: "tool_use" }>;

export class LogRenderer {
  /** Whether the block that is under way has said something already. */
  #open = false;

  asked(input: readonly UserBlock[]): string {
    const text = input
      .map(wordsOf)
      .filter((words) => words !== "")
      .join("\n");
    return `${this.#close()}\r\n${bold}${cyan}❯${plain} ${bold}${body(text)}${plain}\r\n`;
  }

  said(event: SessionEvent): string {
    switch (event.type) {
      case "started":
        return `${dim}${body(event.model)}${plain}\r\n`;
      case "block_start":
        return this.#begin(event.block.type);
      case "block_delta":
        if (event.delta.type === "text") return this.#more(event.delta.text);
        return event.delta.type === "thinking" ? this.#more(event.delta.thinking) : "";
      case "block_stop":
      case "message_stop":
        return this.#close();
      case "assistant":
        return event.content
          .filter((block) => block.type === "tool_use")
          .map((block) => `\r\n${green}●${plain} ${toolLine(block)}\r\n`)
          .join("");
      case "tool_result":
        return `${result(contentText(event.result.content), event.result.is_error)}\r\n`;
      case "retry": {
        const why = event.status === null ? "" : ` (${event.status})`;
        return `${this.#close()}${yellow}The Messages API did not answer${why}: try ${event.attempt} in ${seconds(event.delayMs)}${plain}\r\n`;
      }
      case "calls_held":
        return `${this.#close()}${dim}Waits for the client's tools: ${event.calls.map(({ name }) => body(name)).join(", ")}${plain}\r\n`;
      case "result": {
        const { usage, costUsd, durationMs } = event;
        const input = usage.inputTokens + usage.cacheReadTokens + usage.cacheCreationTokens;
        return `${this.#close()}\r\n${dim}${input} tokens in, ${usage.outputTokens} out · $${costUsd.toFixed(4)} · ${seconds(durationMs)}${plain}\r\n`;
      }
      case "message_start":
        return "";
    }
  }

  failed(error: SessionError): string {
    return `${this.#close()}\r\n${red}✗ ${body(error.message)}${plain}\r\n`;
  }

  #begin(type: "text" | "thinking" | "redacted_thinking" | "tool_use"): string {
    if (type !== "text" && type !== "thinking") return "";
    this.#open = true;
    return type === "thinking" ? `\r\n${dim}✻ ` : `\r\n${bold}●${plain} `;
  }

  #more(text: string): string {
    return this.#open ? body(text) : "";
  }

  #close(): string {
    if (!this.#open) return "";
    this.#open = false;
    return `${plain}\r\n`;
  }
}

/** Text as a terminal shows it: lines end as they must, under the first word; nothing in it is a command to the terminal. */
function body(text: string): string {
  return text.replaceAll("\r\n", "\n").replaceAll("\t", "    ").replaceAll(control, "").replaceAll("\n", "\r\n  ");
}

// oxlint-disable-next-line no-control-regex -- they are what is taken out
const control = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g;

function wordsOf(block: UserBlock): string {
  if (block.type === "text") return block.text;
  // Results of a client's tools come as events too.
  return block.type === "tool_result" ? "" : `[${block.type}]`;
}

function toolLine({ name, input }: ToolUse): string {
  const summary = JSON.stringify(summaryOf(input)) ?? "";
  const short = summary.length > summaryLength ? `${summary.slice(0, summaryLength)}…` : summary;
  return `${bold}${body(name)}${plain}(${body(short)})`;
}

/** What says most of a tool's input: the command, the file, or all of it. */
function summaryOf(input: unknown): unknown {
  if (typeof input !== "object" || input === null) return input;
  const fields = input as Record<string, unknown>;
  for (const key of ["command", "file_path", "path", "pattern", "url", "query", "description", "prompt"]) {
    if (typeof fields[key] === "string") return fields[key];
  }
  return input;
}

function contentText(content: readonly { type: string; text?: string }[]): string {
  return content.map((block) => (block.type === "text" ? (block.text ?? "") : `[${block.type}]`)).join("\n");
}

function result(text: string, isError: boolean): string {
  const lines = text.split("\n");
  const shown = lines
    .slice(0, resultLines)
    .map((line) => (line.length > lineLength ? `${line.slice(0, lineLength)}…` : line));
  const more = lines.length > resultLines ? [`… ${lines.length - resultLines} more lines`] : [];
  const [first = "", ...rest] = [...shown, ...more].map(body);
  return `${isError ? red : dim}  ⎿ ${[first, ...rest.map((line) => `    ${line}`)].join("\r\n")}${plain}`;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
