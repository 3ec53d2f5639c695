import type { SymmetricEigen } from '../linalg/symmetricEigen';

/**
 * What fits on the SAME rows share, so that a slider does not decompose again: eigenvectors by β and shrinkage, the
 * intensity of the shrinkage, and what stands before the last part of a composition.
 */
export interface FitMemory {
  recallEigen(key: string, decompose: () => SymmetricEigen): SymmetricEigen;
  recallNumber(key: string, compute: () => Promise<number>): Promise<number>;
  /** Only the newest key is kept: a value may hold a matrix. */
  recallStage<Stage>(key: string, compute: () => Promise<Stage>): Promise<Stage>;
}

/** Decompositions kept: 1.2 MB each at d = 384, 8 MB at d = 1024. */
const EIGEN_LIMIT = 6;

/** The key of the covariance's own decomposition. */
export const COVARIANCE = 'covariance';

/** @param covarianceEigen the decomposition of the rows' covariance, where an analysis holds it already */
export function createFitMemory(covarianceEigen?: SymmetricEigen): FitMemory {
  const eigen = new Map<string, SymmetricEigen>();
  const numbers = new Map<string, number>();
  let stage: { readonly key: string; readonly value: unknown } | null = null;
  return {
    recallEigen(key, decompose) {
      if (key === COVARIANCE && covarianceEigen !== undefined) return covarianceEigen;
      const known = eigen.get(key) ?? decompose();
      // Taken out and put in again: a Map's first key is the one least recently used.
      eigen.delete(key);
      eigen.set(key, known);
      const [oldest] = eigen.keys();
      if (eigen.size > EIGEN_LIMIT) eigen.delete(oldest);
      return known;
    },
    async recallNumber(key, compute) {
      const known = numbers.get(key) ?? (await compute());
      numbers.set(key, known);
      return known;
    },
    async recallStage<Stage>(key: string, compute: () => Promise<Stage>) {
      if (stage?.key === key) return stage.value as Stage;
      const value = await compute();
      stage = { key, value };
      return value;
    },
  };
}
