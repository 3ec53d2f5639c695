/** `text` as the source of a regular expression (with the flag u) that matches it literally. */
export function escapeForRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
