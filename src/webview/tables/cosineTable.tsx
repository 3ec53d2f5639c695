import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import type { CosineHistogram } from '../../core/protocol/views';
import { binStart } from '../charts/cosines';
import { listSides, type Sides } from '../charts/sides';
import { formatCosine, formatCount, formatShare } from '../format';
import { strings } from '../strings';
import { type Column, DataTable } from './dataTable';

/** Pairs per bin, before | after; bins without any pair are left out. */
export function CosineTable({ sides }: { readonly sides: Sides }): VNode {
  const { bins, columns } = useMemo(() => tabulate(sides), [sides]);
  return <DataTable label={strings.cosines} columns={columns} count={bins.length} />;
}

function tabulate(sides: Sides): { readonly bins: readonly number[]; readonly columns: readonly Column[] } {
  const shown = listSides(sides);
  const { binCount } = sides.before.view.cosines;
  const bins = Array.from({ length: binCount }, (_, bin) => bin).filter((bin) =>
    shown.some(({ view: { cosines } }) => (cosines.randomPairs[bin] ?? 0) > 0 || (cosines.nearest?.[bin] ?? 0) > 0),
  );
  const edge = (id: string, label: string, offset: 0 | 1): Column => ({
    id,
    label,
    isNumeric: true,
    sortValue: (index) => bins[index]!,
    cell: (index) => formatCosine(binStart(bins[index]! + offset, binCount)),
  });
  const count = (id: string, label: string, counts: Uint32Array | null): Column => ({
    id,
    label,
    isNumeric: true,
    sortValue: (index) => counts?.[bins[index]!] ?? NaN,
    cell: (index) => formatCount(counts?.[bins[index]!] ?? null),
  });
  // The floor as a function: which share of random pairs scores less than a threshold.
  const below = (id: string, label: string, { randomPairs, randomPairCount }: CosineHistogram): Column => {
    const sums = Float64Array.from(randomPairs);
    for (let bin = 1; bin < sums.length; bin++) sums[bin]! += sums[bin - 1]!;
    const share = (index: number): number => sums[bins[index]!]! / randomPairCount;
    return { id, label, isNumeric: true, sortValue: share, cell: (index) => formatShare(share(index)) };
  };
  const counted = shown.flatMap(({ id, view: { cosines } }) => {
    const name = id === 'before' ? strings.before : strings.after;
    return [
      count(`${id}-random`, strings.ofSide(name, strings.randomPairs), cosines.randomPairs),
      below(`${id}-below`, strings.ofSide(name, strings.pairsBelow), cosines),
      count(`${id}-nearest`, strings.ofSide(name, strings.nearest), cosines.nearest),
    ];
  });
  return { bins, columns: [edge('from', strings.from, 0), edge('to', strings.to, 1), ...counted] };
}
