import type { VNode } from 'preact';
import type { FitChoice, Report } from '../../core/protocol/webviewProtocol';
import { Dropdown } from '../controls';
import { formatNumber } from '../format';
import { strings } from '../strings';
import { Busy } from './busy';
import {
  EPS_STEPS,
  epsAt,
  EXPONENT_STEPS,
  exponentAt,
  hasParameter,
  isFitted,
  largestK,
  type LabMethod,
  type LabSpec,
  METHODS,
  MOST_DIRECTIONS,
  needsK,
  positionOfEps,
  positionOfExponent,
  rankOf,
  type Shrinkage,
  SHRINKAGES,
  withMethod,
} from './labSpec';
import { Slider } from './slider';
import type { Lab } from './useLab';

export interface LabControlsProps {
  readonly lab: Lab;
  readonly report: Report;
  /** ends the measurement of a chosen setting */
  readonly onCancel: () => void;
  readonly onFit: (on: FitChoice) => void;
}

/** Method and its settings: what happens to the vectors, answered at once. */
export function LabControls({ lab, report, onCancel, onFit }: LabControlsProps): VNode {
  const { spec, isSettling, error } = lab;
  const isOff = rankOf(report.views.raw.eigenvalues) === 0;
  return (
    <div class="lab-row" data-lab-row="transform" data-settling={String(isSettling)}>
      <MethodControl lab={lab} report={report} isOff={isOff} onCancel={onCancel} />
      {!isOff && <Settings lab={lab} report={report} />}
      {!isOff && isFitted(spec.method) && <FitControl fit={report.fit} onFit={onFit} />}
      {isOff && <p class="remark">{strings.noRank}</p>}
      {spec.method === 'random' && <p class="remark">{strings.randomRemark}</p>}
      {error !== null && (
        <p class="lab-error" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

const FITS: readonly FitChoice[] = ['self', 'half', 'file'];

function FitControl({ fit, onFit }: { readonly fit: FitChoice; readonly onFit: (on: FitChoice) => void }): VNode {
  return (
    <div class="control" title={strings.fitTitle}>
      <label for="fit">{strings.fitLabel}</label>
      <Dropdown
        id="fit"
        label={strings.fitLabel}
        value={fit}
        options={FITS.map((on) => ({ value: on, label: strings.fitName(on) }))}
        onChange={(on) => {
          if (on !== fit || on === 'file') onFit(on as FitChoice);
        }}
      />
    </div>
  );
}

function MethodControl({
  lab: { spec, isSettling, pass, choose },
  report,
  isOff,
  onCancel,
}: Pick<LabControlsProps, 'lab' | 'report' | 'onCancel'> & { readonly isOff: boolean }): VNode {
  const options = [
    ...METHODS.map((method) => ({ value: method, label: strings.methodName(method) })),
    ...(spec.method === 'other' ? [{ value: 'other', label: strings.otherMethod(spec.other ?? '') }] : []),
  ];
  const chooseMethod = (method: string): void => {
    if (method === spec.method || method === 'other') return;
    const next = withMethod(spec, method as Exclude<LabMethod, 'other'>, report.snapshot.encoder.dimension);
    // The preview answers before the measurement; without a transform there is nothing to preview.
    if (method !== 'none') pass(next);
    choose(next);
  };
  return (
    <div class="control">
      <label for="method">{strings.method}</label>
      <Dropdown
        id="method"
        label={strings.method}
        value={spec.method}
        options={options}
        isDisabled={isOff && spec.method === 'none'}
        onChange={chooseMethod}
      />
      {isSettling && <Busy onCancel={onCancel} />}
    </div>
  );
}

/** The sliders of the method that is chosen. */
function Settings({ lab: { spec, pass, choose }, report }: Pick<LabControlsProps, 'lab' | 'report'>): VNode {
  const { eigenvalues } = report.views.raw;
  const largest = eigenvalues[0] ?? 0;
  const most = largestK(spec, rankOf(eigenvalues), report.snapshot.encoder.dimension);
  const k = Math.min(spec.k ?? most, most);
  const setting = (parameter: string, position: number, change: (position: number) => LabSpec) => ({
    parameter,
    position,
    onPass: (moved: number) => pass(change(moved)),
    onChoose: (rested: number) => choose(change(rested)),
  });
  const { method } = spec;
  return (
    <>
      {hasParameter(method, 'k') && (
        <Slider
          {...setting('k', k, (value) => ({
            ...spec,
            k: value >= most && !needsK(method) ? null : Math.max(1, value),
          }))}
          label={needsK(method) ? strings.dimensionK : strings.k}
          title={strings.kTitle(method)}
          min={1}
          max={most}
          text={strings.kValue(k, most)}
        />
      )}
      {hasParameter(method, 'd') && (
        <Slider
          {...setting('d', spec.directions, (directions) => ({ ...spec, directions }))}
          label={strings.directions}
          title={strings.directionsTitle}
          min={1}
          max={Math.max(spec.directions, MOST_DIRECTIONS)}
          text={String(spec.directions)}
        />
      )}
      {hasParameter(method, 'beta') && (
        <Slider
          {...setting('beta', positionOfExponent(spec.beta), (at) => ({ ...spec, beta: exponentAt(at) }))}
          label={strings.beta}
          title={strings.betaTitle}
          min={0}
          max={EXPONENT_STEPS}
          text={formatNumber(spec.beta)}
        />
      )}
      {hasParameter(method, 'gamma') && (
        <Slider
          {...setting('gamma', positionOfExponent(spec.gamma), (at) => ({ ...spec, gamma: exponentAt(at) }))}
          label={strings.gamma}
          title={strings.gammaTitle}
          min={0}
          max={EXPONENT_STEPS}
          text={formatNumber(spec.gamma)}
        />
      )}
      {hasParameter(method, 'eps') && (
        <Slider
          {...setting('eps', positionOfEps(spec.eps, largest), (at) => ({ ...spec, eps: epsAt(at, largest) }))}
          label={strings.eps}
          title={strings.epsTitle}
          min={0}
          max={EPS_STEPS}
          text={formatNumber(spec.eps)}
        />
      )}
      {hasParameter(method, 'shrinkage') && (
        <div class="control" title={strings.shrinkageTitle}>
          <label for="shrinkage">{strings.shrinkage}</label>
          <Dropdown
            id="shrinkage"
            label={strings.shrinkage}
            value={spec.shrinkage}
            options={SHRINKAGES.map((name) => ({ value: name, label: strings.shrinkageName(name) }))}
            onChange={(shrinkage) => {
              if (shrinkage === spec.shrinkage) return;
              const next = { ...spec, shrinkage: shrinkage as Shrinkage };
              pass(next);
              choose(next);
            }}
          />
        </div>
      )}
    </>
  );
}
