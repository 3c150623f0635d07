/** Steps from row to row of the page's list: the focus goes to the first link of each. */

/** Rows of tables, and items of lists that have a name. */
const rows = "main tbody tr, main ul[aria-label] > li";

/** @param by 1 to the next, -1 to the one before; from anywhere else to the first */
export function stepRow(by: 1 | -1): void {
  const links = [...document.querySelectorAll(rows)].flatMap((row) => row.querySelector("a") ?? []);
  const at = links.findIndex((link) => link.closest(rows)?.contains(document.activeElement));
  links[at === -1 ? 0 : at + by]?.focus();
}
