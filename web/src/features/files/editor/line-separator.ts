/**
 * How lines end in a text, so that it is written as it was read: where all end in the same two characters those are it;
 * otherwise a lone one of them stays a part of its line.
 */
export function lineSeparatorOf(text: string): "\n" | "\r\n" {
  return text.includes("\r\n") && !/(?:^|[^\r])\n|\r(?!\n)/.test(text) ? "\r\n" : "\n";
}
