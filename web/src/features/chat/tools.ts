/** Tools that the page offers and runs itself, as any client's program would: the model asks, this answers. */

export interface PageTool {
  name: string;
  description: string;
  /** JSON Schema. */
  parameters: Record<string, unknown>;
  run: (input: Record<string, unknown>) => string;
}

/** @throws RangeError for a time zone that there is none of */
function timeIn(timeZone: string | undefined, now: Date): string {
  return now.toLocaleString("en-GB", { dateStyle: "full", timeStyle: "long", ...(timeZone ? { timeZone } : {}) });
}

const maxDice = 100;

export const pageTools: readonly PageTool[] = [
  {
    name: "current_time",
    description: "The date and time by the clock of the browser.",
    parameters: {
      type: "object",
      properties: {
        time_zone: { type: "string", description: "Such as Europe/Vienna; that of the browser when absent." },
      },
    },
    run: ({ time_zone: zone }) => timeIn(typeof zone === "string" ? zone : undefined, new Date()),
  },
  {
    name: "roll_dice",
    description: "Rolls dice, and gives what each of them shows.",
    parameters: {
      type: "object",
      properties: {
        sides: { type: "integer", minimum: 2, description: "Six when absent." },
        count: { type: "integer", minimum: 1, maximum: maxDice, description: "One when absent." },
      },
    },
    run({ sides = 6, count = 1 }) {
      if (!Number.isSafeInteger(sides) || Number(sides) < 2) throw new RangeError("sides: a whole number from 2.");
      if (!Number.isSafeInteger(count) || Number(count) < 1 || Number(count) > maxDice)
        throw new RangeError(`count: a whole number from 1 to ${maxDice}.`);
      return Array.from({ length: Number(count) }, () => 1 + Math.floor(Math.random() * Number(sides))).join(", ");
    },
  },
];

/** A call as the model made it. */
export interface Call {
  id: string;
  name: string;
  /** JSON, as far as the model kept to it. */
  input: string;
}

export interface AnsweredCall extends Call {
  result: string;
  isError: boolean;
}

export function answerCall(call: Call): AnsweredCall {
  try {
    const tool = pageTools.find(({ name }) => name === call.name);
    if (!tool) throw new Error(`There is no tool ${call.name} here.`);
    return { ...call, result: tool.run(inputOf(call)), isError: false };
  } catch (error) {
    return { ...call, result: error instanceof Error ? error.message : String(error), isError: true };
  }
}

/** A tool without fields may be called with no input at all. @throws SyntaxError where it is no object */
export function inputOf({ input }: Call): Record<string, unknown> {
  const value: unknown = input.trim() === "" ? {} : JSON.parse(input);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new SyntaxError("The input is not a JSON object.");
  return value as Record<string, unknown>;
}
