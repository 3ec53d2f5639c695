import type { VNode } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { DimensionTable } from '../../core/protocol/lab';
import { Chart, Nothing } from '../charts/figure';
import { Plot } from '../charts/plot';
import type { Side, Sides } from '../charts/sides';
import type { Disclosures } from '../disclosure';
import { chartExplanations } from '../explanations';
import { formatCount, formatShare } from '../format';
import type { Host } from '../hostConnection';
import type { RowLinks } from '../rowLinks';
import type { SentenceSource } from '../sentences';
import { strings } from '../strings';
import type { Theme } from '../theme';
import { useAnswer } from '../useAnswer';
import { dimensionFigure, varianceShareOf } from './dimensionFigure';
import { DimensionTableView } from './dimensionTable';
import type { Inspected } from './inspected';
import { Inspector } from './inspector';

export interface DimensionSectionProps {
  readonly sides: Sides;
  /** of the snapshot that is shown: a new one is asked about anew */
  readonly analysisKey: string;
  readonly host: Host;
  readonly theme: Theme;
  readonly lines: Uint32Array;
  readonly links: RowLinks;
  readonly sentences: SentenceSource;
  readonly disclosures: Disclosures;
}

/** What each dimension of the vectors holds, before | after, and one of them under the glass. */
export function DimensionSection(props: DimensionSectionProps): VNode {
  const { sides, analysisKey, host, theme, disclosures } = props;
  const { value, error } = useAnswer<DimensionTable>(
    (signal) => host.request('dimensions', null, { signal }),
    analysisKey,
  );
  const [inspected, setInspected] = useState<Inspected | null>(null);
  const before = useMemo(() => (value === null ? null : varianceShareOf(value.raw)), [value]);
  const after = useMemo(() => (value?.transformed == null ? null : varianceShareOf(value.transformed)), [value]);
  const figures = useMemo(() => {
    const most = Math.max(...(before ?? []), ...(after ?? []), 0);
    const figure = (shares: Float64Array | null, side: 'before' | 'after') => {
      const isInspected = inspected?.space === (side === 'before' ? 'raw' : 'transformed');
      return shares && dimensionFigure(shares, side, most, isInspected ? inspected.dimension : null, theme);
    };
    return { before: figure(before, 'before'), after: figure(after, 'after') };
  }, [before, after, inspected, theme]);
  // The table follows the snapshot by a moment, and a preview has none: a side without numbers is not drawn.
  const shown: Sides = { before: sides.before, after: figures.after === null ? null : sides.after };
  const renderPlot = (side: Side): VNode => {
    const figure = figures[side.id];
    if (figure === null) return <Nothing>{error ?? strings.loadingSentence}</Nothing>;
    const space = side.id === 'before' ? 'raw' : 'transformed';
    return (
      <Plot
        figure={figure}
        label={strings.dimensionsLabel(side.label, (side.id === 'before' ? before : after)?.length ?? 0)}
        events={{ onPointClick: (dimension) => setInspected({ space, dimension }) }}
      />
    );
  };
  return (
    <Chart
      name="dimensions"
      title={strings.dimensionsTitle}
      sides={shown}
      explanation={chartExplanations.dimensions}
      disclosures={disclosures}
      canTransform={false}
      legend={<span>{strings.dimensionsHint}</span>}
      renderPlot={renderPlot}
      caption={(side) => captionOf(side.id === 'before' ? value?.raw : value?.transformed)}
      table={() => <DimensionTableView table={value} onInspect={setInspected} />}
    >
      {inspected !== null && <Inspector {...props} inspected={inspected} onClose={() => setInspected(null)} />}
    </Chart>
  );
}

/** "The three strongest hold 12 % · 3 do not vary" */
function captionOf(statistics: DimensionTable['raw'] | null | undefined): string {
  if (statistics == null) return '';
  const shares = varianceShareOf(statistics).sort();
  const top = shares.slice(-3).reduce((sum, share) => sum + share, 0);
  const dead = statistics.dead.length;
  return [
    ...(shares.length > 3 ? [strings.topDimensions(formatShare(top))] : []),
    ...(dead > 0 ? [strings.deadDimensions(dead, formatCount(dead))] : []),
  ].join(' · ');
}
