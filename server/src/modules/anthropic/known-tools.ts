/**
 * Tools that the client executes and sends no schema for: the Messages API knows them by their type. To the CLI they are
 * a client's tools like any other, so that they are given here what the API's documentation says of them.
 */

interface Described {
  description: string;
  input_schema: { type: "object"; properties: Record<string, object>; required: string[] };
}

const text = (description: string) => ({ type: "string", description });
const path = text("Path of a file or a folder.");
const insertLine = { type: "integer", description: "For insert: the line to insert after; 0 is the file's beginning." };
const range = {
  type: "array",
  items: { type: "integer" },
  minItems: 2,
  maxItems: 2,
  description: "For view: the first and the last line to show, counted from 1; -1 is the file's end.",
};

const bash: Described = {
  description: "Runs a command in a bash shell. The shell stays the same from one call to the next.",
  input_schema: {
    type: "object",
    properties: {
      command: text("The command to run. Required unless the shell is started again."),
      restart: { type: "boolean", description: "Whether to start the shell again instead." },
    },
    required: [],
  },
};

/** @param inserted the field that `insert` takes its text from; it was named anew once */
const textEditor = (commands: readonly string[], inserted: "insert_text" | "new_str", note = ""): Described => ({
  description: `Views, makes and changes text files. view shows a file with numbered lines or lists a folder, create writes a whole file, str_replace puts new_str in the place of the one occurrence of old_str, insert adds text after a line.${note}`,
  input_schema: {
    type: "object",
    properties: {
      command: { type: "string", enum: commands },
      path,
      view_range: range,
      file_text: text("For create: the content of the file."),
      old_str: text("For str_replace: the text to replace, exactly as it stands in the file."),
      new_str: text(`For str_replace${inserted === "new_str" ? " and insert" : ""}: the new text.`),
      insert_line: insertLine,
      ...(inserted === "new_str" ? {} : { insert_text: text("For insert: the text.") }),
    },
    required: ["command", "path"],
  },
});

const memory: Described = {
  description:
    "Keeps what is worth remembering in files under /memories, from one conversation to the next. Look at that folder before you begin a task, and write down progress and what you learn: the conversation may be cut off at any time. view shows a file or lists a folder, create writes a whole file, str_replace and insert change one, delete and rename take a file or a folder.",
  input_schema: {
    type: "object",
    properties: {
      command: { type: "string", enum: ["view", "create", "str_replace", "insert", "delete", "rename"] },
      path: text("Path of a file or a folder under /memories; not for rename."),
      view_range: range,
      file_text: text("For create: the content of the file."),
      old_str: text("For str_replace: the text to replace, exactly as it stands in the file."),
      new_str: text("For str_replace: the new text."),
      insert_line: insertLine,
      insert_text: text("For insert: the text."),
      old_path: text("For rename: what to rename."),
      new_path: text("For rename: its new path."),
    },
    required: ["command"],
  },
};

const editing = ["view", "create", "str_replace", "insert"];

/** How the versions of one tool differ, by the name before the date. Their dates do not matter otherwise. */
const known: Record<string, (date: string, tool: object) => Described> = {
  bash: () => bash,
  memory: () => memory,
  text_editor: (date, tool) => {
    const most = "max_characters" in tool && typeof tool.max_characters === "number" ? tool.max_characters : null;
    return date < "20250429"
      ? textEditor([...editing, "undo_edit"], "new_str", " undo_edit takes back the last change of a file.")
      : textEditor(editing, "insert_text", most === null ? "" : ` view shows at most ${most} characters.`);
  },
};

/** The tool as one that says of itself what it takes; any other as it is. */
export function described(tool: unknown): unknown {
  if (typeof tool !== "object" || tool === null || !("type" in tool) || typeof tool.type !== "string") return tool;
  if (tool.type === "custom") return tool;
  const [, name = "", date = ""] = /^([a-z_]+)_(\d{8})$/.exec(tool.type) ?? [];
  const describe = Object.hasOwn(known, name) ? known[name] : undefined;
  return describe ? { ...tool, ...describe(date, tool), type: "custom" } : tool;
}
