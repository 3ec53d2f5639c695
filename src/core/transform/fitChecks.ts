import { IsoscopeError } from '../protocol/errors';
import type { LinearMoments } from './transformMoments';

/** @throws IsoscopeError `usage` when a transform named `text` asks for more than there are dimensions */
export function requireAtMost(asked: number, dimension: number, text: string): void {
  if (asked <= dimension) return;
  throw new IsoscopeError(
    'usage',
    `Transform "${text}" asks for ${String(asked)} of ${String(dimension)} dimensions: use ${String(dimension)} or less.`,
  );
}

/** @throws IsoscopeError `input` when there are fewer than `least` rows */
export function requireRows(moments: LinearMoments, least: 1 | 2, text: string): LinearMoments {
  if (moments.count >= least) return moments;
  throw new IsoscopeError(
    'input',
    `Transform "${text}" needs at least ${least === 1 ? '1 row' : '2 rows'} to be fitted on, and there ` +
      `${moments.count === 1 ? 'is only 1' : 'are none'}: fit it on more text, or use "none".`,
  );
}

export function noVariance(count: number, text: string): IsoscopeError {
  return new IsoscopeError(
    'input',
    `All ${String(count)} rows are equal, so there is no variance for "${text}" to work on: use "none", or fit on rows that differ.`,
  );
}
