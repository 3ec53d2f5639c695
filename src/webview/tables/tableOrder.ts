export interface Sorting {
  /** id of a column */
  readonly column: string;
  readonly isDescending: boolean;
}

/**
 * The order of rows 0 … count − 1 by a value; equal ones keep their order in both directions, and NaN (nothing there) comes last.
 * @param value `null` = as they are
 */
export function sortOrder(
  count: number,
  value: ((index: number) => number) | null,
  isDescending: boolean,
): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  if (value === null) return order;
  const values = Float64Array.from(order, value);
  const sign = isDescending ? -1 : 1;
  return order.sort((a, b) => {
    const [first, second] = [values[a]!, values[b]!];
    if (Number.isNaN(first) || Number.isNaN(second)) {
      return Number(Number.isNaN(first)) - Number(Number.isNaN(second)) || a - b;
    }
    return sign * (first - second) || a - b;
  });
}

/** Where a key moves from `position`; `null` for a key that does not move. */
export function movedBy(key: string, position: number, count: number, pageLength: number): number | null {
  const moves: Readonly<Record<string, number>> = {
    ArrowDown: position + 1,
    ArrowUp: position - 1,
    PageDown: position + pageLength,
    PageUp: position - pageLength,
    Home: 0,
    End: count - 1,
  };
  const next = moves[key];
  return next === undefined ? null : Math.max(0, Math.min(count - 1, next));
}
