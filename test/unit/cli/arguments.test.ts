import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseArguments } from '../../../src/core/cli/arguments';
import { IsoscopeError } from '../../../src/core/protocol/errors';

const parse = (line: string) => parseArguments(line.split(' '));

function refusal(argv: readonly string[]): string {
  try {
    parseArguments(argv);
  } catch (error) {
    expect(error).toBeInstanceOf(IsoscopeError);
    expect((error as IsoscopeError).reason).toBe('usage');
    return (error as IsoscopeError).message;
  }
  return 'accepted';
}

describe('analyze', () => {
  it('has the defaults of the contract', () => {
    expect(parse('analyze notes.txt')).toEqual({
      command: 'analyze',
      corpus: { text: { path: 'notes.txt', column: undefined }, vectors: undefined },
      encoder: { encoder: 'embedded', normalize: 'auto' },
      transform: { spec: 'none' },
      fitOn: 'self',
      seed: 0,
      threads: undefined,
      quiet: false,
      debug: false,
      outputs: {},
      exports: {},
      projection: 'pca',
    });
  });

  it('reads every option, with a space or an equals sign', () => {
    expect(
      parseArguments([
        ...['analyze', '-', '--encoder', 'models/e5', '--variant=onnx/model_int8.onnx', '--layer', '3'],
        ...['--pooling', 'first-last', '--prefix=--query: ', '--normalize', 'no', '--transform', 'pca:k=8,eps=0'],
        ...['--fit-on', 'other.npy', '--seed', '4294967295', '--threads', '3', '--quiet', '--debug'],
        ...['--json', '-', '--html=a=b.html', '--markdown', 'r.md', '--text-column', 'body'],
        ...['--projection', 'umap'],
      ]),
    ).toEqual({
      command: 'analyze',
      corpus: { text: { path: '-', column: 'body' }, vectors: undefined },
      encoder: {
        encoder: path.resolve('models/e5'),
        variant: 'onnx/model_int8.onnx',
        layer: 3,
        pooling: 'first-last',
        prefix: '--query: ',
        normalize: 'no',
      },
      transform: { spec: 'pca:k=8' },
      fitOn: 'other.npy',
      seed: 4294967295,
      threads: 3,
      quiet: true,
      debug: true,
      outputs: { json: '-', html: 'a=b.html', markdown: 'r.md' },
      exports: {},
      projection: 'umap',
    });
  });

  it('takes vectors with or without text, options before or after', () => {
    expect(parse('analyze --vectors X.npz --array v --normalize yes')).toMatchObject({
      corpus: { text: undefined, vectors: { path: 'X.npz', array: 'v' } },
    });
    expect(parse('analyze --quiet --vectors X.npy notes.txt')).toMatchObject({
      corpus: { text: { path: 'notes.txt' }, vectors: { path: 'X.npy', array: undefined } },
    });
  });

  it('keeps an empty prefix, which is another thing than none given', () => {
    expect(parseArguments(['analyze', 'x', '--prefix', ''])).toMatchObject({ encoder: { prefix: '' } });
    expect(parse('analyze x')).not.toHaveProperty('encoder.prefix');
  });

  it('ends options at --', () => {
    expect(parse('analyze -- --odd-name.txt')).toMatchObject({ corpus: { text: { path: '--odd-name.txt' } } });
  });

  it.each([
    [[], 'A command is needed'],
    [['analyse', 'x'], 'There is no command "analyse"'],
    [['--quiet', 'analyze'], 'A command comes first, before --quiet'],
    [['evaluate', 'pairs.csv'], 'isoscope evaluate is not in this version.'],
    [['run', 'recipe.json', '--check'], 'isoscope run is not in this version.'],
    [['analyze'], 'needs a text file, - for standard input, or --vectors'],
    [['analyze', ''], 'INPUT is an empty file name'],
    [['analyze', 'a', 'b'], 'takes one INPUT; "b" is one too many'],
    [['analyze', 'a', '--pool', 'cls'], 'has no option --pool; did you mean --pooling?'],
    [['analyze', 'a', '--tansform', 'x'], 'did you mean --transform?'],
    [['analyze', 'a', '--sede', '1'], 'did you mean --seed?'],
    [['analyze', 'a', '--colour'], 'has no option --colour; see isoscope analyze --help.'],
    [['analyze', 'a', '--toString', '1'], 'has no option --toString'],
    [['analyze', 'a', '-x'], 'has no option -x'],
    [['analyze', 'a', '--json'], '--json needs a value.'],
    [['analyze', 'a', '--json', '--quiet'], '--json needs a value.'],
    [['analyze', 'a', '--json='], '--json is an empty file name.'],
    [['analyze', 'a', '--seed', '1', '--seed', '1'], '--seed is given twice.'],
    [['analyze', 'a', '--quiet=yes'], '--quiet takes no value.'],
    [['analyze', 'a', '--seed', '-1'], '--seed is a whole number from 0 to 4294967295, not "-1".'],
    [['analyze', 'a', '--seed', '1.5'], 'not "1.5"'],
    [['analyze', 'a', '--threads', '0'], '--threads is a whole number from 1 to 256, not "0".'],
    [['analyze', 'a', '--pooling', 'sum'], '--pooling is cls, pooler, mean, max, last-token, weighted-mean,'],
    [['analyze', 'a', '--normalize', 'maybe'], '--normalize is auto, yes or no, not "maybe".'],
    [['analyze', 'a', '--layer', '-1'], '--layer is last, all or a block number from 0, not "-1".'],
    [['analyze', 'a', '--transform', 'whiten'], 'There is no transform "whiten"'],
    [['analyze', 'a', '--transform', 'pca:k=0'], 'k is a whole number, at least 1'],
    [['analyze', 'a', '--json', '-', '--html', '-'], 'cannot both write standard output'],
    [['analyze', 'a', '--json', 'x', '--markdown', './x'], '--json and --markdown cannot both write ./x'],
    [['analyze', 'a', '--array', 'v'], '--array goes with --vectors'],
    [['analyze', '--vectors', 'X.npy', '--pooling', 'cls'], '--pooling says how to encode text'],
    [['analyze', '-', '--vectors', '-'], 'Standard input cannot be both the text and the vectors.'],
    [['analyze', '-', '--transform', 'pca', '--fit-on', '-'], 'Standard input cannot be both'],
    [['analyze', '--vectors', 'X.npy', '--text-column', 'a'], '--text-column names a column of INPUT'],
    [['analyze', 'a.csv', '--text-column', '0'], 'its number, from 1'],
    [['analyze', 'a', '--out', 'b'], 'has no option --out'],
    [['analyze', 'a', '--transform', 'T.json', '--fit-on', 'b.txt'], 'T.json is fitted already'],
    [['analyze', 'a', '--fit-on', 'folds:5'], 'not folds'],
    [['analyze', 'a', '--projection', 'tsne', '--html', 'x'], '--projection is pca or umap, not "tsne".'],
    [['analyze', 'a', '--projection', 'umap'], '--projection umap is drawn in --html or written with --plane-out'],
  ] as const)('refuses %j', (argv, message) => {
    expect(refusal(argv)).toContain(message);
  });
});

describe('encode', () => {
  it('reads a text and where the vectors go', () => {
    expect(parse('encode notes.txt --out X.npy')).toEqual({
      command: 'encode',
      text: { path: 'notes.txt', column: undefined },
      out: 'X.npy',
      encoder: { encoder: 'embedded', normalize: 'auto' },
      threads: undefined,
      quiet: false,
      debug: false,
    });
  });

  it.each([
    [['encode', 'a'], 'needs --out'],
    [['encode', '--out', 'X.npy'], 'needs a text file'],
    [['encode', 'a', '--out', 'X.csv'], '--out of isoscope encode is a .npy file, not "X.csv".'],
    [['encode', 'a', '--out', 'X.npy', '--transform', 'pca'], 'has no option --transform'],
  ] as const)('refuses %j', (argv, message) => {
    expect(refusal(argv)).toContain(message);
  });
});

describe('fit and apply', () => {
  it('fit a specification on a corpus', () => {
    expect(parse('fit notes.txt --transform zca:eps=0.001 --out T.json --seed 3')).toMatchObject({
      command: 'fit',
      corpus: { text: { path: 'notes.txt' } },
      spec: 'zca:eps=0.001',
      fitOn: 'self',
      seed: 3,
      out: 'T.json',
    });
  });

  it('apply a file to vectors', () => {
    expect(parse('apply T.json --vectors X.npy --out Y.npy')).toEqual({
      command: 'apply',
      transformFile: 'T.json',
      vectors: { path: 'X.npy', array: undefined },
      out: 'Y.npy',
      threads: undefined,
      quiet: false,
      debug: false,
    });
    expect(parse('analyze a --transform T.json')).toMatchObject({ transform: { file: 'T.json' } });
  });

  it.each([
    [['fit', 'a', '--out', 'T.json'], 'needs --transform SPEC'],
    [['fit', 'a', '--transform', 'pca'], 'isoscope fit needs --out FILE.json'],
    [['fit', 'a', '--transform', 'pca', '--out', 'T'], '--out of isoscope fit is a .json file, not "T".'],
    [['fit', 'a', '--transform', 'T.json', '--out', 'U.json'], 'T.json is fitted already'],
    [['fit', '--transform', 'pca', '--out', 'T.json'], 'isoscope fit needs a text file'],
    [['apply', '--vectors', 'X.npy', '--out', 'Y.npy'], 'needs a fitted transform'],
    [['apply', 'T.json', '--out', 'Y.npy'], 'needs --vectors'],
    [['apply', 'T.json', 'U.json', '--vectors', 'X.npy', '--out', 'Y.npy'], 'one too many'],
    [['apply', '-', '--vectors', '-', '--out', 'Y.npy'], 'Standard input cannot be both'],
    [['apply', 'T.json', '--vectors', 'X.npy', '--out', 'Y.json'], 'a .npy file'],
  ] as const)('refuse %j', (argv, message) => {
    expect(refusal(argv)).toContain(message);
  });
});

describe('help', () => {
  it('is there for the whole and for each command, and names every option that is accepted', () => {
    expect(parse('--help')).toMatchObject({ command: 'help' });
    const { text } = parse('analyze --help') as { text: string };
    const options = ['encoder', 'variant', 'layer', 'pooling', 'prefix', 'normalize', 'transform', 'fit-on', 'vectors'];
    for (const name of [
      ...options,
      'array',
      'text-column',
      'seed',
      'threads',
      'quiet',
      'json',
      'html',
      'markdown',
      'debug',
    ]) {
      expect(text).toContain(`--${name} `);
    }
    expect((parse('help encode') as { text: string }).text).toContain('--out FILE');
    expect(refusal(['help', 'fly'])).toContain('no help on "fly"');
  });

  it('comes before complaints about the rest of the line', () => {
    expect(parse('analyze --nonsense --help')).toMatchObject({ command: 'help' });
  });
});
