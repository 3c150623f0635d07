/** The blocks of a message, put together from the pieces that they come in. */
import type { AssistantBlock } from "./conversation.ts";
import type { BlockDelta, BlockStart } from "./events.ts";

export class Content {
  readonly blocks: AssistantBlock[] = [];
  /** What has come of the input of a call: JSON that is not yet whole. */
  #json = "";

  /** The index of the block that begins; those before it are closed. */
  open(block: BlockStart): number {
    this.#json = "";
    return this.blocks.push(emptyBlock(block)) - 1;
  }

  extend(delta: BlockDelta): void {
    const block = this.blocks.at(-1);
    if (block?.type === "text" && delta.type === "text") block.text += delta.text;
    if (block?.type === "thinking" && delta.type === "thinking") block.thinking += delta.thinking;
    if (block?.type === "thinking" && delta.type === "signature") block.signature += delta.signature;
    if (block?.type === "tool_use" && delta.type === "input_json") this.#json += delta.json;
  }

  close(): void {
    const block = this.blocks.at(-1);
    if (block?.type === "tool_use") block.input = parseInput(this.#json);
  }
}

/** The input of a call as a model wrote it, which need not be JSON; nothing at all stands for no input. */
export function parseInput(json: string): unknown {
  if (json.trim() === "") return {};
  try {
    return JSON.parse(json);
  } catch {
    return { arguments: json };
  }
}

function emptyBlock(block: BlockStart): AssistantBlock {
  switch (block.type) {
    case "text":
      return { type: "text", text: "" };
    case "thinking":
      return { type: "thinking", thinking: "", signature: "" };
    case "redacted_thinking":
      return { ...block };
    case "tool_use":
      return { ...block, input: {} };
  }
}
