import type { EncoderChoice } from './engineProtocol';

/** What can be taken out of an analysis. */
export type ExportTarget =
  /** the fitted transform, alone */
  | { readonly kind: 'transform'; readonly format: 'npz' | 'numpy' | 'onnx' | 'json' | 'typescript' }
  /** the encoder with the transform behind it: one ONNX file, or a sentence-transformers folder */
  | { readonly kind: 'encoder'; readonly format: 'onnx' | 'sentence-transformers'; readonly encoder: EncoderChoice }
  /** in the format that the file's name says: .npy, .parquet, .atlas.parquet, .tsv */
  | { readonly kind: 'vectors'; readonly space: 'raw' | 'transformed' }
  /** the drawn points before and after, as CSV */
  | { readonly kind: 'plane' };

export interface ExportOutcome {
  /** absolute paths of what was written */
  readonly files: readonly string[];
  /** what came out when the export was run again; `null` where there is nothing to run */
  readonly check: {
    readonly rows: number;
    readonly largestDifference: number;
    readonly isWithinTolerance: boolean;
  } | null;
  /** one sentence each */
  readonly notes: readonly string[];
}
