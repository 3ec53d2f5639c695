import type { VNode } from 'preact';

export interface SliderProps {
  /** what it sets, for tests: `data-parameter` */
  readonly parameter: string;
  readonly label: string;
  readonly title: string;
  readonly min: number;
  readonly max: number;
  readonly position: number;
  readonly text: string;
  /** it moves under the hand */
  readonly onPass: (position: number) => void;
  /** it rests */
  readonly onChoose: (position: number) => void;
}

/** A labelled slider over whole positions, with its value as text. */
export function Slider({ parameter, label, title, min, max, position, text, onPass, onChoose }: SliderProps): VNode {
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
