/** The dimension under the glass. */
export interface Inspected {
  readonly space: 'raw' | 'transformed';
  /** from 0 */
  readonly dimension: number;
}
