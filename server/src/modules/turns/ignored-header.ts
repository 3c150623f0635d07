/** The header that names what a request asked for in vain. */

/** Characters of one name, and of all of them. */
const nameLength = 100;
const headerLength = 2000;

/** @param ignored in part a client's own words, such as the types of its tools: not all of them can stand in a header */
export function ignoredHeader(ignored: readonly string[]): Record<string, string> {
  const names = ignored.map((name) =>
    name
      .slice(0, nameLength)
      .replaceAll(/[^\u0020-\u007e]/g, "?")
      .trim(),
  );
  const text = [...new Set(names)].join(", ");
  if (text === "") return {};
  return { "x-lodge-ignored": text.length <= headerLength ? text : `${text.slice(0, headerLength)}...` };
}
