import type { Snapshot } from '../../core/protocol/snapshot';
import type { Preview, SpaceView, Views } from '../../core/protocol/views';
import { strings } from '../strings';

/** One of the two spaces that every chart shows next to each other, on the same rows. */
export interface Side {
  readonly id: 'before' | 'after';
  /** "Before · raw", "After · pca:k=64" */
  readonly label: string;
  readonly spec: string;
  readonly view: SpaceView;
  /** from moments and samples, while a slider moves */
  readonly isPreview: boolean;
  /** components for 90 % of the variance, as measured */
  readonly ninety: number | null;
}

export interface Sides {
  readonly before: Side;
  /** `null` without a transform */
  readonly after: Side | null;
}

/** The space as it is. */
export function beforeSide(snapshot: Snapshot, views: Views): Side {
  return {
    id: 'before',
    label: strings.beforeLabel,
    spec: 'none',
    view: views.raw,
    isPreview: false,
    ninety: snapshot.raw.componentsFor?.['0.9'] ?? null,
  };
}

/** The transformed space, or `null` without a transform; a preview stands in for the settled one. */
export function afterSide(snapshot: Snapshot, views: Views, preview: Preview | null): Side | null {
  if (preview !== null) return preview.spec === 'none' ? null : afterOf(preview.spec, preview.view, true, null);
  if (views.transformed === null) return null;
  const { spec } = snapshot.transform;
  return afterOf(spec, views.transformed, false, snapshot.transformed?.componentsFor?.['0.9'] ?? null);
}

function afterOf(spec: string, view: SpaceView, isPreview: boolean, ninety: number | null): Side {
  return { id: 'after', label: strings.afterLabel(spec), spec, view, isPreview, ninety };
}

/** Both sides in reading order. */
export function listSides({ before, after }: Sides): readonly Side[] {
  return after === null ? [before] : [before, after];
}
