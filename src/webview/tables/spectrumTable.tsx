import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import { listSides, type Sides } from '../charts/sides';
import { formatNumber, formatShare, NOTHING } from '../format';
import { strings } from '../strings';
import { type Column, DataTable } from './dataTable';

/** Eigenvalue, share and cumulative share of each component, before | after. */
export function SpectrumTable({ sides }: { readonly sides: Sides }): VNode {
  const count = Math.max(...listSides(sides).map(({ view }) => view.eigenvalues.length));
  const columns = useMemo<readonly Column[]>(
    () => [
      {
        id: 'component',
        label: strings.component,
        isNumeric: true,
        sortValue: (index) => index,
        cell: (index) => String(index + 1),
      },
      ...listSides(sides).flatMap(({ id, view: { eigenvalues } }): Column[] => {
        const name = id === 'before' ? strings.before : strings.after;
        const cumulative = new Float64Array(eigenvalues.length);
        let total = 0;
        eigenvalues.forEach((value, i) => {
          total += value;
          cumulative[i] = total;
        });
        const shareOf = (value: number | undefined): string =>
          value === undefined || total <= 0 ? NOTHING : formatShare(value / total);
        const sortValue = (index: number): number => eigenvalues[index] ?? NaN;
        return [
          {
            id: `${id}-eigenvalue`,
            label: strings.ofSide(name, strings.eigenvalue),
            isNumeric: true,
            sortValue,
            cell: (index) => formatNumber(eigenvalues[index] ?? null),
          },
          {
            id: `${id}-share`,
            label: strings.ofSide(name, strings.share),
            isNumeric: true,
            sortValue,
            cell: (index) => shareOf(eigenvalues[index]),
          },
          {
            id: `${id}-cumulative`,
            label: strings.ofSide(name, strings.cumulative),
            isNumeric: true,
            sortValue: (index) => cumulative[index] ?? NaN,
            cell: (index) => shareOf(cumulative[index]),
          },
        ];
      }),
    ],
    [sides],
  );
  return <DataTable label={strings.spectrum} columns={columns} count={count} />;
}
