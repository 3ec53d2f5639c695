import type { VNode } from 'preact';
import type { Report } from '../core/protocol/webviewProtocol';
import { Button, Dropdown, ProgressRing } from './controls';
import { formatNumber } from './format';
import { Icon } from './icons';
import { EPS_STEPS, epsAt, hasSettings, type LabMethod, METHODS, positionOfEps, rankOf } from './labSpec';
import { strings } from './strings';
import type { Lab } from './useLab';

export interface LabControlsProps {
  readonly lab: Lab;
  readonly report: Report;
  /** ends the measurement of a chosen setting */
  readonly onCancel: () => void;
}

/** Method, components and floor: what happens to the vectors, answered at once. */
export function LabControls({ lab, report, onCancel }: LabControlsProps): VNode {
  const { spec, isSettling, error, pass, choose } = lab;
  const { eigenvalues } = report.views.raw;
  const rank = rankOf(eigenvalues);
  const largest = eigenvalues[0] ?? 0;
  const isOff = rank === 0;
  const options = [
    ...METHODS.map((method) => ({ value: method, label: strings.methodName(method) })),
    ...(spec.method === 'other' ? [{ value: 'other', label: strings.otherMethod(spec.other ?? '') }] : []),
  ];
  const chooseMethod = (method: string): void => {
    if (method === spec.method || method === 'other') return;
    const next = { ...spec, method: method as LabMethod, other: null };
    // The preview answers before the measurement; without a transform there is nothing to preview.
    if (method !== 'none') pass(next);
    choose(next);
  };
  const withK = (value: number) => ({ ...spec, k: value >= rank ? null : Math.max(1, value) });
  const withEps = (position: number) => ({ ...spec, eps: epsAt(position, largest) });
  const k = Math.min(spec.k ?? rank, rank);
  return (
    <section class="lab" data-lab aria-label={strings.lab} data-settling={String(isSettling)}>
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
        <div class="lab-status">
          {isSettling && (
            <>
              <ProgressRing />
              <Button kind="icon" action="cancel" title={strings.cancel} onClick={onCancel}>
                <Icon name="close" />
              </Button>
            </>
          )}
        </div>
      </div>
      {hasSettings(spec.method) && !isOff && (
        <>
          <Slider
            parameter="k"
            label={strings.k}
            title={strings.kTitle}
            min={1}
            max={rank}
            position={k}
            text={strings.kValue(k, rank)}
            onPass={(position) => pass(withK(position))}
            onChoose={(position) => choose(withK(position))}
          />
          <Slider
            parameter="eps"
            label={strings.eps}
            title={strings.epsTitle}
            min={0}
            max={EPS_STEPS}
            position={positionOfEps(spec.eps, largest)}
            text={formatNumber(spec.eps)}
            onPass={(position) => pass(withEps(position))}
            onChoose={(position) => choose(withEps(position))}
          />
        </>
      )}
      {isOff && <p class="remark">{strings.noRank}</p>}
      {error !== null && (
        <p class="lab-error" role="alert">
          {error}
        </p>
      )}
    </section>
  );
}

interface SliderProps {
  readonly parameter: string;
  readonly label: string;
  readonly title: string;
  readonly min: number;
  readonly max: number;
  readonly position: number;
  readonly text: string;
  readonly onPass: (position: number) => void;
  readonly onChoose: (position: number) => void;
}

function Slider({ parameter, label, title, min, max, position, text, onPass, onChoose }: SliderProps): VNode {
  const id = `slider-${parameter}`;
  return (
    <div class="control slider" title={title}>
      <label for={id}>{label}</label>
      <input
        id={id}
        type="range"
        data-parameter={parameter}
        min={min}
        max={max}
        step={1}
        value={position}
        aria-valuetext={text}
        disabled={max <= min}
        onInput={(event) => onPass(event.currentTarget.valueAsNumber)}
        onChange={(event) => onChoose(event.currentTarget.valueAsNumber)}
      />
      <output for={id}>{text}</output>
    </div>
  );
}
