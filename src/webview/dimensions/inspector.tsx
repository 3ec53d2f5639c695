import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import type { DimensionReading, DimensionValue } from '../../core/protocol/lab';
import { Plot } from '../charts/plot';
import { axisTitle, plotLayout } from '../charts/plotLook';
import { Button } from '../controls';
import { formatNumber, formatShare } from '../format';
import { Icon } from '../icons';
import type { PlotFigure } from '../plotly';
import { type SentenceSource, useSentences } from '../sentences';
import { strings } from '../strings';
import type { Theme } from '../theme';
import { useAnswer } from '../useAnswer';
import type { Host } from '../hostConnection';
import type { RowLinks } from '../rowLinks';
import type { Inspected } from './inspected';

export interface InspectorProps {
  /** of the snapshot that is shown: a new one is asked about anew */
  readonly analysisKey: string;
  readonly host: Host;
  readonly theme: Theme;
  readonly lines: Uint32Array;
  readonly links: RowLinks;
  readonly sentences: SentenceSource;
  readonly inspected: Inspected;
  readonly onClose: () => void;
}

const ROWS = 5;

/** One dimension: its numbers, how its values are spread, and the lines that lie highest and lowest on it. */
export function Inspector(props: InspectorProps): VNode {
  const { inspected, analysisKey, host, theme, onClose } = props;
  const { value, error } = useAnswer<DimensionReading>(
    (signal) => host.request('dimension', { ...inspected, rows: ROWS }, { signal }),
    `${analysisKey}|${inspected.space}|${inspected.dimension}`,
  );
  const figure = useMemo(() => value && histogramFigure(value, inspected.space, theme), [value, inspected, theme]);
  return (
    <div class="selection inspector" data-inspector={inspected.dimension}>
      <div class="selection-bar">
        <strong>
          {strings.inspectorTitle(inspected.dimension, inspected.space === 'raw' ? strings.before : strings.after)}
        </strong>
        <Button kind="icon" action="close-inspector" title={strings.close} onClick={onClose}>
          <Icon name="close" />
        </Button>
      </div>
      {error !== null && (
        <p class="lab-error" role="alert">
          {error}
        </p>
      )}
      {value !== null && figure !== null && (
        <>
          <p class="caption">
            {strings.inspectorNumbers(
              formatNumber(value.mean),
              formatNumber(value.variance === null ? null : Math.sqrt(value.variance)),
              formatShare(value.cosineShare),
            )}
          </p>
          <div class="inspector-body">
            <Plot figure={figure} label={strings.inspectorLabel(inspected.dimension)} />
            <Extremes {...props} title={strings.highest} values={value.highest} />
            <Extremes {...props} title={strings.lowest} values={value.lowest} />
          </div>
        </>
      )}
    </div>
  );
}

function Extremes({
  title,
  values,
  lines,
  links,
  sentences,
}: InspectorProps & { readonly title: string; readonly values: readonly DimensionValue[] }): VNode {
  const textOf = useSentences(
    sentences,
    values.map(({ row }) => row),
  );
  return (
    <div>
      <h3>{title}</h3>
      <ol class="extremes">
        {values.map(({ row, value }) => (
          <li key={row} data-row={row}>
            <span class="numeric">{formatNumber(value)}</span>
            <button
              type="button"
              class="link"
              disabled={links.reveal === null}
              onClick={() => links.reveal?.(row, true)}
              onMouseEnter={() => links.hovered.set(row)}
              onMouseLeave={() => links.hovered.set(null)}
            >
              {strings.line((lines[row] ?? row) + 1)}
            </button>
            <span class="sentence" title={textOf(row)}>
              {textOf(row) ?? strings.loadingSentence}
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}

/** Counts of the values in equal bins. */
function histogramFigure({ bins, least, most }: DimensionReading, space: Inspected['space'], theme: Theme): PlotFigure {
  const width = (most - least) / Math.max(1, bins.length);
  // Steps: both ends of every bin at its height.
  const x = Float64Array.from({ length: bins.length * 2 }, (_, i) => least + Math.ceil(i / 2) * width);
  const y = Float64Array.from({ length: bins.length * 2 }, (_, i) => bins[Math.floor(i / 2)]!);
  const color = space === 'raw' ? theme.before : theme.after;
  return {
    traces: [{ type: 'scatter', x, y, mode: 'lines', line: { color, width: 1.25 }, fill: 'tozeroy', hoverinfo: 'x+y' }],
    layout: plotLayout(
      theme,
      { title: axisTitle(strings.valueX), nticks: 6 },
      { title: axisTitle(strings.countY), rangemode: 'tozero', nticks: 4 },
    ),
  };
}
