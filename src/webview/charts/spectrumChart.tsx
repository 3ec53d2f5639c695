import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Disclosures } from '../disclosure';
import { chartExplanations } from '../explanations';
import { formatNumber } from '../format';
import { rankOf } from '../lab/labSpec';
import { strings } from '../strings';
import { SpectrumTable } from '../tables/spectrumTable';
import type { Theme } from '../theme';
import { Chart, Key, Nothing } from './figure';
import { Plot } from './plot';
import { useEqual } from '../useEqual';
import type { Side, Sides } from './sides';
import { countNull, describeSpectrum, spectrumFigure, spectrumFrame } from './spectrum';

export interface SpectrumChartProps {
  readonly sides: Sides;
  readonly theme: Theme;
  readonly disclosures: Disclosures;
  readonly canTransform: boolean;
}

export function SpectrumChart({ sides, theme, disclosures, canTransform }: SpectrumChartProps): VNode {
  const { before, after } = sides;
  const frame = useEqual(spectrumFrame(sides));
  const figures = {
    before: useMemo(() => spectrumFigure(before, null, frame, theme), [before, frame, theme]),
    after: useMemo(() => after && spectrumFigure(after, before, frame, theme), [after, before, frame, theme]),
  };
  return (
    <Chart
      name="spectrum"
      title={strings.spectrum}
      sides={sides}
      explanation={chartExplanations.spectrum}
      disclosures={disclosures}
      canTransform={canTransform}
      legend={
        <>
          <Key shape="line" tone="before">
            {strings.keySpectrum}
          </Key>
          {sides.after !== null && (
            <Key shape="dotted" tone="before">
              {strings.keyGhost}
            </Key>
          )}
          <Key shape="dashed" tone="muted">
            {strings.keyNinety}
          </Key>
        </>
      }
      renderPlot={(side) =>
        rankOf(side.view.eigenvalues) === 0 ? (
          <Nothing>{strings.noVariance}</Nothing>
        ) : (
          <Plot figure={figures[side.id]!} label={describeSpectrum(side)} />
        )
      }
      caption={captionOf}
      table={() => <SpectrumTable sides={sides} />}
    />
  );
}

function captionOf(side: Side): string {
  const { eigenvalues } = side.view;
  if (rankOf(eigenvalues) === 0) return '';
  const parts = [
    side.ninety === null ? null : strings.ninety(side.ninety),
    strings.spectrumCaption(
      formatNumber(eigenvalues[0]),
      formatNumber(eigenvalues.reduce((sum, value) => sum + value, 0)),
    ),
    countNull(side),
  ];
  return parts.filter((part) => part !== null).join(' · ');
}
