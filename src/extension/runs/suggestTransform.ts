/** Rows per fitted dimension below which a whitening is mostly noise. */
const ROWS_PER_DIMENSION = 5;

/**
 * The transform that "auto" stands for: PCA whitening to as many components as the sentences can carry, at least five sentences each
 * (with fewer, the covariance's small eigenvalues are noise and whitening blows that noise up); centring where even two components are too many.
 * @param count sentences
 * @param dimension of the vectors
 */
export function suggestTransform(count: number, dimension: number): string {
  const components = Math.floor(count / ROWS_PER_DIMENSION);
  if (components < 2) return 'center';
  return components >= dimension ? 'pca' : `pca:k=${components}`;
}
