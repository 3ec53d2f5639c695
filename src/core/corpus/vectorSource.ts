import type { Matrix } from '../linalg/matrix';
import { IsoscopeError } from '../protocol/errors';
import type { Note } from '../protocol/snapshot';

/** A file of ready vectors that has been looked into: what it holds is known, nothing large is read yet. */
export interface VectorSource {
  /** what the format calls its parts */
  readonly noun: 'array' | 'tensor' | 'column' | 'key';
  /** the parts that could serve as vectors, one row per sentence; empty where the file has no named parts or none that could */
  readonly names: readonly string[];
  /**
   * Reads one part; `undefined` = the file as a whole.
   * @throws IsoscopeError that says why this part, or the file, cannot serve
   */
  read(name: string | undefined): Promise<ReadVectors>;
}

export interface ReadVectors {
  /** float32 where the file has float32 or shorter numbers, else float64 */
  readonly vectors: Matrix;
  readonly notes: readonly Note[];
}

/** Names that an error lists at most. */
const LISTED_NAMES = 20;

/**
 * The part to read: the one named, else the only one that could serve.
 * @throws IsoscopeError `usage` that lists those that could, when there are several and none is named
 */
export function chooseVectors(
  { noun, names }: VectorSource,
  given: string | undefined,
  file: string,
): string | undefined {
  if (given !== undefined) return given;
  if (names.length <= 1) return names[0];
  throw new IsoscopeError('usage', `${file} holds several ${noun}s: choose one with --array (${listNames(names)}).`);
}

/** "a, b and 3 more" */
export function listNames(names: readonly string[]): string {
  const listed = names.slice(0, LISTED_NAMES).join(', ');
  return names.length > LISTED_NAMES ? `${listed} and ${names.length - LISTED_NAMES} more` : listed;
}

/** For the error about a name that is not there: what could have been meant. */
export function couldServe(names: readonly string[]): string {
  if (names.length === 0) return 'nothing in it could serve as vectors';
  return `${listNames(names)} could serve`;
}
