import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTyped, stringifyTyped } from '../../../src/core/protocol/typedJson';

describe('typed JSON', () => {
  it('brings back every kind of array, in any depth', () => {
    const value = {
      a: [Float32Array.of(1.5, -0, NaN, Infinity), { b: Float64Array.of(Math.PI, 5e-324) }],
      c: Uint32Array.of(0, 2 ** 32 - 1),
      d: Int32Array.of(-5),
      e: Uint8Array.of(255, 0, 7),
      f: BigInt64Array.of(-9n),
      g: new Float32Array(0),
      h: null,
      i: 'text <b>',
    };
    expect(parseTyped(stringifyTyped(value))).toEqual(value);
  });

  it('writes the form that the page reads', () => {
    expect(stringifyTyped({ x: Float32Array.of(1) })).toBe('{"x":{"$typed":"Float32Array","base64":"AACAPw=="}}');
  });

  it('agrees with Node on base64, for every length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        const { base64 } = JSON.parse(stringifyTyped(bytes)) as { base64: string };
        expect(base64).toBe(Buffer.from(bytes).toString('base64'));
        expect(parseTyped(stringifyTyped(bytes))).toEqual(bytes);
      }),
      { seed: 1 },
    );
  });

  it('writes a part of a larger array only', () => {
    expect(parseTyped(stringifyTyped(Float64Array.of(1, 2, 3).subarray(1, 2)))).toEqual(Float64Array.of(2));
  });

  it('handles arrays longer than one piece', () => {
    const data = Float32Array.from({ length: 50_001 }, (_, i) => Math.sin(i));
    expect(parseTyped(stringifyTyped(data))).toEqual(data);
  });

  it('refuses what JSON would lose', () => {
    expect(() => stringifyTyped({ averageCosine: NaN })).toThrow('averageCosine is NaN');
  });

  it.each([
    ['an unknown kind', '{"$typed":"Function","base64":""}'],
    ['an inherited name', '{"$typed":"toString","base64":""}'],
    ['no bytes', '{"$typed":"Float32Array"}'],
    ['half an element', '{"$typed":"Float32Array","base64":"AAA="}'],
    ['foreign digits', '{"$typed":"Uint8Array","base64":"A*=="}'],
  ])('refuses %s', (_what, text) => {
    expect(() => parseTyped(text)).toThrow(SyntaxError);
  });
});
