import { describe, expect, it } from 'vitest';
import { parseDecimal } from '../../../../src/core/encoder/static/decimal';
import { createRandom } from '../../../../src/core/linalg/random';

const parse = (text: string) => {
  const bytes = Buffer.from(`xx${text}yy`);
  return parseDecimal(bytes, 2, bytes.length - 2);
};

describe('parseDecimal', () => {
  it('rounds as Number does, whatever the notation', () => {
    const random = createRandom(1);
    for (let i = 0; i < 20_000; i++) {
      const value = random.normal() * 10 ** Math.round(random.normal() * 9);
      for (const text of [
        String(value),
        value.toFixed(5),
        value.toPrecision(9),
        value.toExponential(),
        value.toExponential(6),
        String(Math.fround(value)),
      ]) {
        expect(parse(text), text).toBe(Number(text));
      }
    }
  });

  it.each([
    ['0', 0],
    ['-0', -0],
    ['-0.0', -0],
    ['+1.5', 1.5],
    ['.5', 0.5],
    ['5.', 5],
    ['1e5', 1e5],
    ['1E-05', 1e-5],
    ['1e+22', 1e22],
    ['0.1e1', 1],
    ['00000000000000000000000001.5', 1.5],
    ['123456789012345678901234567890', Number('123456789012345678901234567890')],
    ['0.1000000000000000055511151231257827', 0.1],
    ['2.2250738585072011e-308', Number('2.2250738585072011e-308')],
    ['1e-400', 0],
    ['1e400', Infinity],
  ])('%s', (text, value) => {
    expect(parse(text)).toBe(value);
  });

  it.each([
    '',
    '-',
    '+',
    '.',
    '-.',
    'e5',
    '.e5',
    '1e',
    '1e+',
    '1e5.0',
    '1.2.3',
    '1,5',
    '0x10',
    'nan',
    'NaN',
    'inf',
    '-Infinity',
    '1_000',
    '--1',
    '1-',
    '١',
  ])('"%s" is no number', (text) => {
    expect(parse(text)).toBeNaN();
  });
});
