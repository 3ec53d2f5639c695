import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import type { DimensionStatistics, DimensionTable } from '../../core/protocol/lab';
import { formatNumber, formatShare } from '../format';
import { strings } from '../strings';
import { type Column, DataTable } from '../tables/dataTable';
import { varianceShareOf } from './dimensionFigure';
import type { Inspected } from './inspected';

export interface DimensionTableViewProps {
  readonly table: DimensionTable | null;
  readonly onInspect: (inspected: Inspected) => void;
}

/** Mean, share of variance and share of the average cosine of each dimension, before | after. */
export function DimensionTableView({ table, onInspect }: DimensionTableViewProps): VNode {
  const columns = useMemo<readonly Column[]>(() => {
    if (table === null) return [];
    return [
      {
        id: 'dimension',
        label: strings.dimensionHover,
        isNumeric: true,
        sortValue: (index) => index,
        cell: (index) => (
          <button type="button" class="link" onClick={() => onInspect({ space: 'raw', dimension: index })}>
            {index}
          </button>
        ),
      },
      ...columnsOf(table.raw, 'before', strings.before),
      ...(table.transformed === null ? [] : columnsOf(table.transformed, 'after', strings.after)),
    ];
  }, [table, onInspect]);
  const count = table === null ? 0 : Math.max(table.raw.mean.length, table.transformed?.mean.length ?? 0);
  return <DataTable label={strings.dimensionsTitle} columns={columns} count={count} />;
}

function columnsOf(statistics: DimensionStatistics, id: string, side: string): Column[] {
  const { mean, cosineShare } = statistics;
  const shares = varianceShareOf(statistics);
  return [
    {
      id: `${id}-mean`,
      label: strings.ofSide(side, strings.mean),
      isNumeric: true,
      sortValue: (index) => mean[index] ?? NaN,
      cell: (index) => formatNumber(mean[index] ?? null),
    },
    {
      id: `${id}-variance`,
      label: strings.ofSide(side, strings.varianceShare),
      isNumeric: true,
      sortValue: (index) => shares[index] ?? NaN,
      cell: (index) => formatShare(shares[index]),
    },
    {
      id: `${id}-cosine`,
      label: strings.ofSide(side, strings.cosineShare),
      isNumeric: true,
      sortValue: (index) => cosineShare?.[index] ?? NaN,
      cell: (index) => formatShare(cosineShare?.[index]),
    },
  ];
}
