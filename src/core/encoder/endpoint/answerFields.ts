/** An answer is whatever a server sends: looked at field by field. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** The text of a field, shortened to what a message can hold; `null` when there is none. */
export function stringAt(value: unknown, key: string): string | null {
  const text = isObject(value) ? value[key] : undefined;
  return typeof text === 'string' && text !== '' ? text.slice(0, 200) : null;
}
