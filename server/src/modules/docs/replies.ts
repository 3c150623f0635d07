/** A JSON reply in the API's description, of routes that answer with a `Response` of their own making. */
export const json = (description: string) => ({
  description,
  content: { "application/json": { schema: { type: "object" as const } } },
});
