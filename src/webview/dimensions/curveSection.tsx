import type { VNode } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { StepProgress } from '../../core/protocol/engineProtocol';
import { failureMessage, failureReason } from '../../core/protocol/errors';
import type { DimensionCurve } from '../../core/protocol/lab';
import { ExplanationText, Key } from '../charts/figure';
import { Plot } from '../charts/plot';
import { SavePlotButton } from '../charts/plotSaving';
import { Button } from '../controls';
import { Disclosure, type Disclosures } from '../disclosure';
import { chartExplanations } from '../explanations';
import type { Host } from '../hostConnection';
import { strings } from '../strings';
import type { Theme } from '../theme';
import { curveFigure, type CurveMeasure } from './curveFigure';
import { CurveTable } from './curveTable';

export interface CurveSectionProps {
  /** of the raw vectors: the curve speaks of them */
  readonly vectorsKey: string;
  /** components that the shown transform keeps */
  readonly shownK: number | null;
  readonly host: Host;
  readonly theme: Theme;
  readonly disclosures: Disclosures;
  /** a point of the curve is chosen as the transform */
  readonly onChoose: (spec: string) => void;
}

type CurveState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'running'; readonly progress: StepProgress | null }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'shown'; readonly curve: DimensionCurve };

const MEASURES: readonly CurveMeasure[] = ['varianceKept', 'agreement'];

/** How many dimensions are needed: variance kept and neighbours kept against k, for four ways to get there. Measured when asked for. */
export function CurveSection({ vectorsKey, shownK, host, theme, disclosures, onChoose }: CurveSectionProps): VNode {
  const [state, setState] = useState<CurveState>({ kind: 'idle' });
  const controller = useRef<AbortController | null>(null);
  useEffect(() => {
    setState({ kind: 'idle' });
    return () => controller.current?.abort();
  }, [vectorsKey]);
  const measure = async (): Promise<void> => {
    controller.current?.abort();
    const mine = new AbortController();
    controller.current = mine;
    setState({ kind: 'running', progress: null });
    try {
      const curve = await host.request('dimensionCurve', null, {
        signal: mine.signal,
        onProgress: (progress) => {
          if (!mine.signal.aborted) setState({ kind: 'running', progress });
        },
      });
      if (!mine.signal.aborted) setState(curve === null ? { kind: 'idle' } : { kind: 'shown', curve });
    } catch (error) {
      if (controller.current !== mine) return;
      const isCancelled = failureReason(error) === 'cancelled' || mine.signal.aborted;
      setState(isCancelled ? { kind: 'idle' } : { kind: 'failed', message: failureMessage(error) });
    }
  };
  return (
    <section class="chart" data-plot="curve" data-state={state.kind} aria-labelledby="chart-curve">
      <header class="chart-header">
        <h2 id="chart-curve">{strings.curveTitle}</h2>
        <div class="legend">
          {state.kind === 'shown' && (
            <>
              <Key shape="block" tone="nearest">
                {strings.curveMethod('truncate')}
              </Key>
              <Key shape="circle" tone="before">
                {strings.curveMethod('pca')}
              </Key>
              <Key shape="diamond" tone="after">
                {strings.curveMethod('whiten')}
              </Key>
              <Key shape="cross" tone="muted">
                {strings.curveMethod('random')}
              </Key>
            </>
          )}
        </div>
        {state.kind === 'shown' && <SavePlotButton name="curve" />}
      </header>
      {state.kind === 'shown' ? (
        <Shown curve={state.curve} shownK={shownK} theme={theme} onChoose={onChoose} />
      ) : (
        <div class="curve-start">
          <p class="muted">{state.kind === 'failed' ? state.message : strings.curveHint}</p>
          {state.kind === 'running' ? (
            <div class="control">
              <progress
                {...(state.progress !== null && { value: state.progress.done, max: Math.max(1, state.progress.total) })}
              />
              <Button action="cancel-curve" onClick={() => controller.current?.abort()}>
                {strings.cancel}
              </Button>
            </div>
          ) : (
            <Button action="measure-curve" onClick={() => void measure()}>
              {strings.measureCurve}
            </Button>
          )}
        </div>
      )}
      <div class="disclosures">
        <Disclosure id="curve-what" summary={strings.whatIsThis} disclosures={disclosures}>
          {() => <ExplanationText explanation={chartExplanations.curve} />}
        </Disclosure>
        {state.kind === 'shown' && (
          <Disclosure id="curve-table" summary={strings.asTable} disclosures={disclosures}>
            {() => <CurveTable curve={state.curve} onChoose={onChoose} />}
          </Disclosure>
        )}
      </div>
    </section>
  );
}

function Shown({
  curve,
  shownK,
  theme,
  onChoose,
}: Pick<CurveSectionProps, 'shownK' | 'theme' | 'onChoose'> & { readonly curve: DimensionCurve }): VNode {
  const figures = useMemo(
    () => MEASURES.map((measure) => curveFigure(curve, measure, shownK, theme)),
    [curve, shownK, theme],
  );
  const choose = (point: number, trace: number): void => {
    const spec = curve.methods[trace]?.specs[point];
    if (spec !== undefined) onChoose(spec);
  };
  return (
    <>
      <div class="pair">
        {MEASURES.map((measure, i) => (
          <figure class="side" key={measure} data-curve={measure}>
            <figcaption>{strings.curveMeasure(measure)}</figcaption>
            <Plot
              figure={figures[i]!}
              label={strings.curveLabel(strings.curveMeasure(measure))}
              events={{ onPointClick: choose }}
            />
          </figure>
        ))}
      </div>
      <p class="caption">{strings.curveCaption(curve.sampleCount, curve.neighbourCount)}</p>
      {curve.notes.map(({ code, message }) => (
        <p class="remark" key={code}>
          {message}
        </p>
      ))}
    </>
  );
}
