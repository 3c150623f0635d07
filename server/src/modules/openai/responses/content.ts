/** The parts of a message's content on the Responses wire. */
import { z } from "zod";

const inputText = z.looseObject({ type: z.literal("input_text"), text: z.string() });
const outputText = z.looseObject({ type: z.literal("output_text"), text: z.string() });
const refusal = z.looseObject({ type: z.literal("refusal"), refusal: z.string() });

const noFiles = z
  .null("there is no Files API here; send the bytes as a data: URL or an address that they can be fetched from")
  .optional();
/** A `data:` URL, an http(s) URL, or base64 as it is. */
const address = z.string({ error: "must be a base64 data: URL or an http(s) URL" }).min(1);

const inputImage = z.looseObject({ type: z.literal("input_image"), image_url: address, file_id: noFiles });
const inputFile = z
  .looseObject({
    type: z.literal("input_file"),
    file_data: address.nullish(),
    file_url: address.nullish(),
    filename: z.string().max(1024).nullish(),
    file_id: noFiles,
  })
  .refine(({ file_data: data, file_url: url }) => (data == null) !== (url == null), {
    error: "exactly one of file_data and file_url must be there",
    path: ["file_data"],
  });

/** A string is one part, so that a wrong part is reported where it stands. */
function parts<T extends z.ZodType>(part: T, type: "input_text" | "output_text") {
  return z.preprocess(
    (value) => (typeof value === "string" ? [{ type, text: value }] : value),
    z.array(part, { error: "must be a string or a list of content parts" }).max(10_000),
  );
}

export const inputContent = parts(
  z.discriminatedUnion("type", [inputText, outputText, inputImage, inputFile], {
    error: "must be an input_text, input_image or input_file part",
  }),
  "input_text",
);
export type InputPart = z.infer<typeof inputContent>[number];

/** Of a system or developer message. */
export const systemContent = parts(
  z.discriminatedUnion("type", [inputText, outputText], { error: "must be an input_text part" }),
  "input_text",
);

export const assistantContent = parts(
  z.discriminatedUnion("type", [outputText, inputText, refusal], { error: "must be an output_text or refusal part" }),
  "output_text",
);
