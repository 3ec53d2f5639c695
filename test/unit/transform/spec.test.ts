import { describe, expect, it } from 'vitest';
import { defaultWhitening, formatTransformSpec, parseTransformSpec } from '../../../src/core/transform/spec';

describe('parseTransformSpec', () => {
  it('reads every transform of the command line', () => {
    expect(parseTransformSpec('none')).toEqual({ kind: 'none' });
    expect(parseTransformSpec('abtt')).toEqual({ kind: 'abtt', directions: 3 });
    expect(parseTransformSpec(' truncate:k=64 ')).toEqual({ kind: 'truncate', k: 64 });
    expect(parseTransformSpec('zca-cor')).toEqual(defaultWhitening('zca-cor'));
    expect(parseTransformSpec('pca:k=128,eps=1e-5,shrinkage=lw,beta=0.5,gamma=.25')).toEqual({
      kind: 'whitening',
      method: 'pca',
      k: 128,
      eps: 1e-5,
      shrinkage: 'lw',
      beta: 0.5,
      gamma: 0.25,
    });
  });

  it('parts compositions at "+", but not inside a number', () => {
    expect(parseTransformSpec('pca:eps=1e+3 + l2')).toEqual({
      kind: 'composition',
      parts: [{ ...defaultWhitening('pca'), eps: 1000 }, { kind: 'l2' }],
    });
  });

  it('drops the parts that do nothing', () => {
    expect(parseTransformSpec('none+center+none')).toEqual({ kind: 'center' });
    expect(parseTransformSpec('none+none')).toEqual({ kind: 'none' });
  });

  it.each([
    ['', /transform is empty.*none, center/],
    ['center++l2', /empty part/],
    ['whiten', /no transform "whiten".*pca.*T\.json/],
    ['PCA', /no transform "PCA"/],
    ['pca:dim=3', /"pca:dim=3" has no setting "dim": its settings are k, eps, shrinkage, beta, gamma/],
    ['cholesky:gamma=0.5', /its settings are k, eps, shrinkage\./],
    ['center:k=3', /takes no settings/],
    ['pca:k', /"k" is not a setting/],
    ['pca:', /"" is not a setting/],
    ['pca:k=0', /k=0 is not allowed; k is a whole number/],
    ['pca:k=2.5', /k=2\.5/],
    ['pca:k=1,k=2', /sets k twice/],
    ['pca:eps=-1', /eps=-1 is not allowed/],
    ['pca:eps=1e-40', /at least 1e-30/],
    ['pca:eps=NaN', /eps=NaN/],
    ['pca:eps=0x10', /eps=0x10/],
    ['pca:gamma=3', /gamma is a number from 0 to 2/],
    ['zca:beta=Infinity', /beta=Infinity/],
    ['pca:shrinkage=ledoit', /none, lw or oas/],
    ['truncate', /needs the number of dimensions/],
    ['center+random', /"random" needs/],
  ])('refuses %j', (text, message) => {
    expect(() => parseTransformSpec(text)).toThrow(
      expect.objectContaining({ reason: 'usage', message: expect.stringMatching(message) as string }) as Error,
    );
  });
});

describe('formatTransformSpec', () => {
  it.each([
    ['pca:shrinkage=none,gamma=1,beta=1.0,k=8', 'pca:k=8'],
    ['zca:gamma=0.50,eps=0.00001', 'zca:eps=0.00001,gamma=0.5'],
    ['abtt', 'abtt:d=3'],
    ['l2+none+random:k=07', 'l2+random:k=7'],
  ])('writes %s as %s', (text, canonical) => {
    expect(formatTransformSpec(parseTransformSpec(text))).toBe(canonical);
  });
});
