import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import type { DimensionCurve } from '../../core/protocol/lab';
import { formatShare } from '../format';
import { strings } from '../strings';
import { type Column, DataTable } from '../tables/dataTable';

export interface CurveTableProps {
  readonly curve: DimensionCurve;
  readonly onChoose: (spec: string) => void;
}

/** The curves as numbers: each size with what each method keeps; a number chooses that transform. */
export function CurveTable({ curve, onChoose }: CurveTableProps): VNode {
  const columns = useMemo<readonly Column[]>(
    () => [
      { id: 'k', label: 'k', isNumeric: true, sortValue: (i) => curve.sizes[i]!, cell: (i) => String(curve.sizes[i]) },
      ...curve.methods.flatMap(({ method, specs, varianceKept, agreement }): Column[] =>
        (['varianceKept', 'agreement'] as const).map((measure) => {
          const values = measure === 'varianceKept' ? varianceKept : agreement;
          return {
            id: `${method}-${measure}`,
            label: strings.ofSide(strings.curveMethod(method), strings.curveMeasure(measure)),
            isNumeric: true,
            sortValue: (i) => values[i] ?? NaN,
            cell: (i) => (
              <button
                type="button"
                class="link"
                title={strings.chooseTransform(specs[i] ?? '')}
                onClick={() => onChoose(specs[i]!)}
              >
                {formatShare(values[i])}
              </button>
            ),
          };
        }),
      ),
    ],
    [curve, onChoose],
  );
  return <DataTable label={strings.curveTitle} columns={columns} count={curve.sizes.length} />;
}
