import { IsoscopeError } from '../protocol/errors';
import { createRowSink } from './rowSink';
import { isBlank } from './sentences';
import { readTextPieces } from './textPieces';
import { couldServe, listNames, type VectorSource } from './vectorSource';

/**
 * Ready vectors in JSON Lines: one key of an object in each line holds an array of numbers, or each line is such an array itself.
 * @throws IsoscopeError `input` naming the line (from 1)
 */
export async function openJsonLinesVectors(
  bytes: Uint8Array,
  name: string,
  signal?: AbortSignal,
): Promise<VectorSource> {
  const first = await firstRecord(bytes, name, signal);
  const names = Object.entries(first ?? {})
    .filter(([, value]) => isNumbers(value) && !isMatrix(first))
    .map(([key]) => (Array.isArray(first) ? String(Number(key) + 1) : key));
  const isBare = isNumbers(first);
  return {
    noun: 'key',
    names: isBare ? [] : names,
    read: async (wanted) => {
      if (wanted === undefined && !isBare) throw noVectors(first, name);
      const sink = createRowSink(name);
      for await (const { row, where } of readRecords(bytes, name, signal)) {
        const value = wanted === undefined ? row : valueOf(row, wanted, where, names);
        sink.push(readNumbers(value, wanted, where), where);
      }
      return { vectors: sink.finish(), notes: [] };
    },
  };
}

async function firstRecord(bytes: Uint8Array, name: string, signal?: AbortSignal): Promise<unknown> {
  for await (const { row } of readRecords(bytes, name, signal)) return row;
  throw new IsoscopeError('input', `${name} holds no vectors: all its lines are blank.`);
}

async function* readRecords(bytes: Uint8Array, name: string, signal?: AbortSignal) {
  for await (const { text, firstLine } of readTextPieces(bytes, name, { isQuoted: false, signal })) {
    const lines = text.split(/\r\n|\n|\r/);
    for (let i = 0; i < lines.length; i++) {
      if (isBlank(lines[i])) continue;
      const where = `${name}, line ${firstLine + i + 1}`;
      yield { row: parseLine(lines[i], where), where };
    }
  }
}

function parseLine(line: string, where: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    // Python writes these words, which are no JSON.
    const word = /[[,:]\s*(-?(?:NaN|Infinity))\s*[\],}]/.exec(line)?.[1];
    throw new IsoscopeError(
      'input',
      word === undefined
        ? `${where}: this is no JSON; JSON Lines has one whole value in each line.`
        : `${where}: ${word} is no number; every number must be finite.`,
      { cause },
    );
  }
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'number');
}

/** A whole JSON document in one line. */
function isMatrix(value: unknown): boolean {
  return Array.isArray(value) && value.every(isNumbers);
}

function noVectors(first: unknown, name: string): IsoscopeError {
  if (Array.isArray(first) && first.some(Array.isArray)) {
    return new IsoscopeError(
      'input',
      `${name}, line 1 holds several vectors: write each on a line of its own, or save them with numpy.save.`,
    );
  }
  const keys = typeof first === 'object' && first !== null ? Object.keys(first) : [];
  const held = keys.length === 0 ? 'its first line is no object' : `the keys of its first line are ${listNames(keys)}`;
  return new IsoscopeError('input', `${name} has no key with an array of numbers; ${held}.`);
}

function valueOf(row: unknown, wanted: string, where: string, names: readonly string[]): unknown {
  if (typeof row !== 'object' || row === null) {
    throw new IsoscopeError('input', `${where}: an object with a key "${wanted}" is needed.`);
  }
  const key = Array.isArray(row) ? String(Number(wanted) - 1) : wanted;
  if (Object.hasOwn(row, key)) return (row as Record<string, unknown>)[key];
  const isFirst = where.endsWith(', line 1');
  throw new IsoscopeError(
    isFirst ? 'usage' : 'input',
    `${where}: there is no "${wanted}"${isFirst ? `; ${couldServe(names)}` : ''}.`,
  );
}

function readNumbers(value: unknown, wanted: string | undefined, where: string): readonly number[] {
  const at = wanted === undefined ? where : `${where}, "${wanted}"`;
  if (value === null) throw new IsoscopeError('input', `${at}: the vector is null; every row needs a whole vector.`);
  if (!Array.isArray(value)) throw new IsoscopeError('input', `${at}: an array of numbers is needed.`);
  const bad = value.findIndex((item) => typeof item !== 'number');
  if (bad >= 0) {
    const item = JSON.stringify(value[bad]);
    throw new IsoscopeError('input', `${at}: element ${bad + 1} is ${item.slice(0, 40)}, not a number.`);
  }
  return value as readonly number[];
}
