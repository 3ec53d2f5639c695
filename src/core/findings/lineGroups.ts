import { groupEqualRows } from '../geometry/distinctRows';
import { inverseNorms, rowNorms } from '../geometry/rowNorms';
import type { Matrix } from '../linalg/matrix';

/** Disjoint sets of rows (union by the lower row, paths halved): a set is named by its lowest row. */
export class RowSets {
  readonly #parents: Int32Array;

  constructor(count: number) {
    this.#parents = Int32Array.from({ length: count }, (_, row) => row);
  }

  find(row: number): number {
    const parents = this.#parents;
    let at = row;
    while (parents[at] !== at) {
      parents[at] = parents[parents[at]];
      at = parents[at];
    }
    return at;
  }

  join(a: number, b: number): void {
    const [low, high] = [this.find(a), this.find(b)].sort((x, y) => x - y);
    this.#parents[high] = low;
  }

  /** Sets of two rows or more: their rows ascending, by the lowest. */
  groups(): Map<number, number[]> {
    const groups = new Map<number, number[]>();
    this.#parents.forEach((parent, row) => {
      if (parent === row) return;
      const set = this.find(row);
      const rows = groups.get(set);
      if (rows) rows.push(row);
      else groups.set(set, [set, row]);
    });
    return groups;
  }
}

/** Rows of the same sentence; without text, of the same vector to the bit. */
export function repeatedRows(matrix: Matrix, sentences: readonly string[] | null): RowSets {
  const sets = new RowSets(matrix.rows);
  if (sentences === null) {
    joinGroups(sets, groupEqualRows(matrix, null));
    return sets;
  }
  const firsts = new Map<string, number>();
  sentences.forEach((sentence, row) => {
    const first = firsts.get(sentence);
    if (first === undefined) firsts.set(sentence, row);
    else sets.join(first, row);
  });
  return sets;
}

/** Rows of the same sentence or of the same direction: those that say nothing new to a search for neighbours. */
export function sameRows(matrix: Matrix, sentences: readonly string[] | null): RowSets {
  const sets = repeatedRows(matrix, sentences);
  joinGroups(sets, groupEqualRows(matrix, inverseNorms(rowNorms(matrix))));
  return sets;
}

function joinGroups(
  sets: RowSets,
  { firstRows, groupOf }: { readonly firstRows: Int32Array; readonly groupOf: Int32Array },
): void {
  groupOf.forEach((group, row) => {
    if (group >= 0 && firstRows[group] !== row) sets.join(firstRows[group], row);
  });
}
