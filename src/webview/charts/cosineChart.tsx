import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Disclosures } from '../disclosure';
import { chartExplanations } from '../explanations';
import { strings } from '../strings';
import { CosineTable } from '../tables/cosineTable';
import type { Theme } from '../theme';
import { cosineFigure, cosineFrame, describeCosines, floorText } from './cosines';
import { Chart, Key, Nothing } from './figure';
import { Plot } from './plot';
import { useEqual } from '../useEqual';
import type { Side, Sides } from './sides';

export interface CosineChartProps {
  readonly sides: Sides;
  readonly theme: Theme;
  readonly disclosures: Disclosures;
  readonly canTransform: boolean;
}

export function CosineChart({ sides, theme, disclosures, canTransform }: CosineChartProps): VNode {
  const { before, after } = sides;
  const frame = useEqual(cosineFrame(sides));
  const figures = {
    before: useMemo(() => cosineFigure(before, frame, theme), [before, frame, theme]),
    after: useMemo(() => after && cosineFigure(after, frame, theme), [after, frame, theme]),
  };
  return (
    <Chart
      name="cosines"
      title={strings.cosines}
      sides={sides}
      explanation={chartExplanations.cosines}
      disclosures={disclosures}
      canTransform={canTransform}
      legend={
        <>
          <Key shape="block" tone="before">
            {strings.keyRandom}
          </Key>
          <Key shape="line" tone="nearest">
            {strings.keyNearest}
          </Key>
          <Key shape="upright" tone="foreground">
            {strings.keyFloor}
          </Key>
        </>
      }
      renderPlot={(side) =>
        side.view.cosines.randomPairCount === 0 ? (
          <Nothing>{strings.noPairs}</Nothing>
        ) : (
          <Plot figure={figures[side.id]!} label={describeCosines(side)} />
        )
      }
      caption={captionOf}
      table={() => <CosineTable sides={sides} />}
    />
  );
}

function captionOf({ view: { cosines }, isPreview }: Side): string {
  if (cosines.randomPairCount === 0) return '';
  const counts = strings.cosineCounts(cosines.randomPairCount, cosines.nearest === null ? null : cosines.nearestCount);
  return [floorText(cosines), counts, ...(isPreview ? [strings.nearestLater] : [])].join(' · ');
}
