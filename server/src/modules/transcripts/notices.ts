/** Messages that the CLI writes in the user's name, told apart by the tags it puts around them. */

export interface NoticeWords {
  level: "info" | "error";
  title: string;
  text: string;
}

/** Null for what a person wrote. */
export function noticeOf(text: string): NoticeWords | null {
  const start = text.trimStart();
  if (start.startsWith("[Request interrupted by user")) {
    return { level: "info", title: "Interrupted", text: "" };
  }
  if (!start.startsWith("<")) return null;
  if (start.startsWith("<task-notification>")) {
    return {
      level: "info",
      title: tag(start, "summary") ?? "A background task ended",
      text: tag(start, "result") ?? "",
    };
  }
  const command = tag(start, "command-name");
  if (command !== null) {
    return { level: "info", title: `${command} ${tag(start, "command-args") ?? ""}`.trim(), text: "" };
  }
  const shell = tag(start, "bash-input");
  if (shell !== null) return { level: "info", title: `! ${shell}`, text: "" };
  for (const name of ["local-command-stdout", "local-command-stderr", "bash-stdout"]) {
    const output = tag(start, name);
    const errors = name === "bash-stdout" ? (tag(start, "bash-stderr") ?? "") : "";
    if (output !== null) {
      const both = withoutColours([output, errors].filter((part) => part !== "").join("\n"));
      return { level: name.endsWith("stderr") ? "error" : "info", title: "Output of the command", text: both };
    }
  }
  return null;
}

function tag(text: string, name: string): string | null {
  const start = text.indexOf(`<${name}>`);
  const end = text.lastIndexOf(`</${name}>`);
  if (start < 0 || end < start) return null;
  return text.slice(start + name.length + 2, end).trim();
}

// oxlint-disable-next-line no-control-regex -- what the CLI's own commands colour their output with
const withoutColours = (text: string): string => text.replaceAll(/\u001b\[[0-9;]*m/g, "");
