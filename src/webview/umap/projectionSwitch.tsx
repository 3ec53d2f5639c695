import type { VNode } from 'preact';
import type { Projection } from '../savedState';
import { strings } from '../strings';

export interface ProjectionSwitchProps {
  readonly projection: Projection;
  readonly onChoose: (projection: Projection) => void;
}

const CHOICES: readonly Projection[] = ['pca', 'umap'];

/** PCA | UMAP. Radio buttons underneath: arrow keys and screen readers know them. */
export function ProjectionSwitch({ projection, onChoose }: ProjectionSwitchProps): VNode {
  return (
    <fieldset class="segmented" data-projection={projection}>
      <legend class="status">{strings.projection}</legend>
      {CHOICES.map((choice) => (
        <label key={choice} title={strings.projectionTitle(choice)}>
          <input
            type="radio"
            name="projection"
            value={choice}
            checked={choice === projection}
            onChange={() => onChoose(choice)}
          />
          <span>{strings.projectionName(choice)}</span>
        </label>
      ))}
    </fieldset>
  );
}
