/**
 * A query whose values are texts as they were sent. The router takes one with a comma in it, or one that is JSON, for a
 * list; but `a,b.txt` and `[1]` are names of files.
 */
export function plainQuery(context: { request: Request; query: unknown }): void {
  context.query = Object.fromEntries(new URL(context.request.url).searchParams);
}
