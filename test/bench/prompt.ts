/** What every row asks for: a pure model, the shortest way that there is. */
export const systemPrompt = "You are being timed.";
export const modelName = "sonnet";

/** A prompt that the model knows again; its answer is the mark. */
export interface Prompt {
  readonly mark: string;
  readonly text: string;
}
