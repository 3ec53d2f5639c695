import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { StoredEncoder } from '../../../../src/core/encoder/hub/encoderStore';
import type { EncoderChoice, EncoderOffer } from '../../../../src/core/protocol/engineProtocol';
import { IsoscopeError } from '../../../../src/core/protocol/errors';
import { chooseStep, type Chosen, type ChoosingServices } from '../../../../src/extension/encoder/chooseSteps';
import { checkAddress } from '../../../../src/extension/encoder/endpointSteps';
import { firstItems, type FirstState } from '../../../../src/extension/encoder/firstStep';
import { layerItems, poolingItems } from '../../../../src/extension/encoder/readingSteps';
import { done, next, pass, runSteps, type Step } from '../../../../src/extension/encoder/steps';
import { modelFolder } from '../../../golden/encoder/referenceFolder';
import { filesOf, startHub } from '../../encoder/hub/hubServer';
import { englishL10n } from '../englishL10n';
import { scriptedUi, type Asked, type Reply } from './fakes';

const offer: EncoderOffer = {
  layerCount: 4,
  poolings: ['cls', 'mean', 'pooler', 'first-last', 'last-2'],
  ownPooling: 'mean',
};

const state: FirstState = {
  current: { encoder: 'embedded' },
  standard: { encoder: 'embedded' },
  isChosen: false,
  isConfirmed: true,
  hasDocument: true,
  recent: [],
  stored: [],
  home: '/home/me',
};

interface Walk {
  readonly chosen: Chosen | undefined;
  readonly asked: readonly Asked[];
  readonly keys: ReadonlyMap<string, string>;
  readonly forgotten: readonly EncoderChoice[];
}

/** Walks "Choose Encoder" as a user who gives these answers. */
async function walk(
  replies: readonly Reply[],
  { given = {}, services = {} }: { given?: Partial<FirstState>; services?: Partial<ChoosingServices> } = {},
): Promise<Walk> {
  const ui = scriptedUi(...replies);
  const keys = new Map<string, string>();
  const forgotten: EncoderChoice[] = [];
  const chosen = await runSteps(
    chooseStep('Choose Encoder', {
      ui,
      l10n: englishL10n,
      keys: {
        has: (address) => Promise.resolve(keys.has(address)),
        set: (address, key) => Promise.resolve(void keys.set(address, key)),
      },
      access: () => ({ endpoint: 'http://127.0.0.1:1', attempts: 1 }),
      state: () => Promise.resolve({ ...state, ...given }),
      inspect: () => Promise.resolve({ dimension: 32, offer }),
      forget: (choice) => Promise.resolve(void forgotten.push(choice)),
      remove: () => Promise.resolve(),
      ...services,
    }),
  );
  return { chosen, asked: ui.asked, keys, forgotten };
}

const choiceOf = ({ chosen }: Walk): EncoderChoice | undefined =>
  chosen?.kind === 'choice' ? chosen.choice : undefined;
const bert = modelFolder('bert')!;

describe('steps', () => {
  it('go back to the last question, past those that asked nothing', async () => {
    const seen: string[] = [];
    const last: Step<string> = ({ number }) => {
      seen.push(`last ${number}`);
      return Promise.resolve(seen.length < 4 ? { kind: 'back' } : done('end'));
    };
    const passing: Step<string> = () => Promise.resolve(pass(last));
    const first: Step<string> = ({ number, canGoBack }) => {
      seen.push(`first ${number} ${canGoBack}`);
      return Promise.resolve(next(passing));
    };
    expect(await runSteps(first)).toBe('end');
    expect(seen).toEqual(['first 1 false', 'last 2', 'first 1 false', 'last 2']);
    expect(await runSteps(() => Promise.resolve({ kind: 'back' }))).toBeUndefined();
    expect(await runSteps(() => Promise.resolve({ kind: 'cancel' }))).toBeUndefined();
  });
});

describe('the first list', () => {
  it('says what is in use, and offers the default only where another one was chosen', () => {
    const labels = (given: Partial<FirstState>): string[] =>
      firstItems({ ...state, ...given }, englishL10n).map(({ label }) => label);
    expect(labels({})[0]).toBe('all-MiniLM-L6-v2');
    expect(firstItems(state, englishL10n)[0].description).toBe('in use · embedded · 384 dimensions');
    expect(labels({ isChosen: true })[0]).toBe('Use the Default Again');
    expect(labels({ isConfirmed: false, standard: { encoder: 'https://x.example' } })[0]).toMatch(
      /This Workspace's Settings/,
    );
    expect(labels({ hasDocument: false })).not.toContain('Ready Vectors…');
  });

  it('lists a stored encoder once, with its sum', () => {
    const stored: StoredEncoder = {
      folder: '/store/e5--1234',
      origin: { kind: 'folder', folder: '/models/e5' },
      graphs: [{ file: 'onnx/model.onnx', bytes: 5, sha256: 'ab'.repeat(32) }],
      bytes: 2_300_000,
      added: '',
    };
    const recent = [
      { choice: { encoder: stored.folder }, dimension: 4 },
      { choice: { encoder: '/other' }, dimension: null },
    ];
    const items = firstItems({ ...state, stored: [stored], recent }, englishL10n);
    expect(items.filter(({ label }) => label.includes('e5'))).toHaveLength(1);
    expect(items.find(({ label }) => label === 'e5--1234')?.detail).toBe(
      'imported from /models/e5 · sha256 abababababab…',
    );
  });

  it('answers with a choice, the default, an import; forgets and stays', async () => {
    expect(choiceOf(await walk(['all-MiniLM-L6-v2']))).toEqual({ encoder: 'embedded' });
    expect((await walk(['Use the Default Again'], { given: { isChosen: true } })).chosen).toEqual({ kind: 'default' });
    expect((await walk(['cancel'])).chosen).toBeUndefined();
    const imported = await walk(['Import a Model Folder…', { path: '/models/e5' }]);
    expect(imported.chosen).toEqual({ kind: 'import', folder: '/models/e5' });
    const recent = [{ choice: { encoder: '/models/e5' }, dimension: null }];
    const forgetting = await walk(['e5 > Remove from This List', 'cancel'], { given: { recent } });
    expect(forgetting.forgotten).toEqual([{ encoder: '/models/e5' }]);
    expect(forgetting.asked.map(({ step }) => step)).toEqual([1, 1]);
  });
});

describe('a model folder', () => {
  const place = mkdtempSync(path.join(tmpdir(), 'isoscope-flow-'));
  afterAll(() => rmSync(place, { recursive: true }));

  it('with one graph is taken as the model says, or at a layer and pooling', async () => {
    expect(choiceOf(await walk(['Model Folder…', { path: bert }, 'As the Model Says']))).toEqual({ encoder: bert });
    const layered = await walk(['Model Folder…', { path: bert }, 'Choose Layer and Pooling…', 'Layer 3', 'cls']);
    expect(choiceOf(layered)).toEqual({ encoder: bert, layer: 3, pooling: 'cls' });
    expect(layered.asked.map(({ kind, step }) => `${kind} ${step}`)).toEqual([
      'pick 1',
      'file 0',
      'pick 2',
      'pick 3',
      'pick 4',
    ]);
    const own = await walk(['Model Folder…', { path: bert }, 'Choose Layer and Pooling…', 'Last Layer', 'mean']);
    expect(choiceOf(own)).toEqual({ encoder: bert });
    const average = await walk(['Model Folder…', { path: bert }, 'Choose Layer and Pooling…', 'First and Last']);
    expect(choiceOf(average)).toEqual({ encoder: bert, pooling: 'first-last' });
  });

  it('goes back step by step, over the dialogue to the list', async () => {
    const walked = await walk([
      'Model Folder…',
      { path: bert },
      'Choose Layer and Pooling…',
      'Layer 1',
      'back',
      'Last Layer',
      'back',
      'back',
      'back',
      'cancel',
    ]);
    expect(walked.chosen).toBeUndefined();
    expect(walked.asked.map(({ step }) => step)).toEqual([1, 0, 2, 3, 4, 3, 4, 3, 2, 1]);
    expect(walked.asked[9].canGoBack).toBe(false);
  });

  it('leads back to the list when its dialogue is closed', async () => {
    const walked = await walk(['Model Folder…', 'back', 'cancel']);
    expect(walked.asked.map(({ kind }) => kind)).toEqual(['pick', 'file', 'pick']);
  });

  it('with several graphs asks which', async () => {
    const folder = path.join(place, 'several');
    cpSync(bert, folder, { recursive: true });
    cpSync(path.join(folder, 'onnx/model.onnx'), path.join(folder, 'onnx/model_q.onnx'));
    const walked = await walk(['Model Folder…', { path: folder }, 'onnx/model_q.onnx', 'As the Model Says']);
    expect(choiceOf(walked)).toEqual({ encoder: folder, variant: 'onnx/model_q.onnx' });
    expect(walked.asked[2].labels).toEqual(['onnx/model.onnx', 'onnx/model_q.onnx']);
  });

  it('that cannot be used is told before it is kept', async () => {
    const inspect = (): Promise<never> => Promise.reject(new IsoscopeError('encoder', 'config.json is missing.'));
    const walked = await walk(['Model Folder…', { path: place }, 'cancel'], { services: { inspect } });
    expect(walked.chosen).toBeUndefined();
    expect(walked.asked.map(({ title }) => title)).toContainEqual(expect.stringContaining('config.json is missing'));
  });

  it('takes a prefix, with the space that belongs to it', async () => {
    const put = (text: string) =>
      walk(['all-MiniLM-L6-v2 > Choose Layer and Pooling', 'Put a Text before Every Sentence…', { text }]).then(
        choiceOf,
      );
    expect(await put('query:')).toEqual({ encoder: 'embedded', prefix: 'query: ' });
    expect(await put('name:query')).toEqual({ encoder: 'embedded', prefix: 'name:query' });
    expect(await put('')).toEqual({ encoder: 'embedded', prefix: '' });
  });
});

describe('layers and poolings', () => {
  const labels = (items: readonly { label: string; description?: string }[]): string[] =>
    items.map(({ label, description }) => (description === undefined ? label : `${label}: ${description}`));

  it('are all there, last layer and own pooling first', () => {
    expect(labels(layerItems(offer, englishL10n))).toEqual([
      'Last Layer: layer 4',
      'First and Last: mean of layers 1 and 4',
      'Last Two: mean of layers 3 and 4',
      'inner layers',
      'Layer 3',
      'Layer 2',
      'Layer 1',
      'Layer 0: output of the embeddings, before the first block',
    ]);
    expect(labels(poolingItems(offer, undefined, englishL10n))).toEqual(['mean: what the model says', 'cls', 'pooler']);
  });

  it('leave out what an inner layer does not have, and stay true where nothing is said', () => {
    expect(labels(poolingItems(offer, 2, englishL10n))).toEqual(['mean: what the model says', 'cls']);
    expect(labels(poolingItems({ ...offer, ownPooling: null }, undefined, englishL10n))).toEqual([
      'mean: the usual one: the model names none',
      'cls',
      'pooler',
    ]);
    expect(labels(layerItems({ layerCount: 1, poolings: ['mean'], ownPooling: null }, englishL10n))).toHaveLength(2);
  });

  it('asks for the pooling only, where inner layers cannot be told', async () => {
    const inspect = () => Promise.resolve({ dimension: 32, offer: { ...offer, layerCount: null } });
    const walked = await walk(['Model Folder…', { path: bert }, 'Choose Layer and Pooling…', 'cls'], {
      services: { inspect },
    });
    expect(choiceOf(walked)).toEqual({ encoder: bert, pooling: 'cls' });
  });

  it('are not offered where there is no choice', async () => {
    const inspect = () => Promise.resolve({ dimension: 50, offer: null });
    const walked = await walk(['Model Folder…', { path: bert }, 'cancel'], { services: { inspect } });
    expect(walked.asked.at(-1)?.labels).not.toContain('Choose Layer and Pooling…');
  });
});

describe('vectors', () => {
  it('of words are a file; ready ones may need the name of an array', async () => {
    expect(choiceOf(await walk(['Word Vectors File…', { path: '/g.txt' }]))).toEqual({ encoder: '/g.txt' });
    expect(choiceOf(await walk(['Ready Vectors…', { path: '/v.npy' }]))).toEqual({ encoder: '/v.npy', vectors: {} });
    expect(choiceOf(await walk(['Ready Vectors…', { path: '/v.npz' }, { text: 'b' }]))).toEqual({
      encoder: '/v.npz',
      vectors: { name: 'b' },
    });
    expect(choiceOf(await walk(['Ready Vectors…', { path: '/v.parquet' }, { text: ' ' }]))).toEqual({
      encoder: '/v.parquet',
      vectors: {},
    });
  });
});

describe('an endpoint', () => {
  it('is asked for by API, address, model and key; the key goes to the keys and nowhere else', async () => {
    const walked = await walk([
      'Endpoint…',
      'OpenAI-compatible',
      { text: 'https://x.example/v1' },
      { text: 'text-embedding-3-small' },
      { text: 'sk-secret' },
    ]);
    expect(walked.chosen).toEqual({
      kind: 'choice',
      choice: { encoder: 'https://x.example/v1', endpoint: { api: 'openai', model: 'text-embedding-3-small' } },
    });
    expect([...walked.keys]).toEqual([['https://x.example/v1', 'sk-secret']]);
    expect(walked.asked.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5]);
  });

  it('of text-embeddings-inference has one model; no key is kept where none is given', async () => {
    const walked = await walk([
      'Endpoint…',
      'text-embeddings-inference',
      { text: 'http://localhost:8080' },
      { text: '' },
    ]);
    expect(choiceOf(walked)).toEqual({ encoder: 'http://localhost:8080', endpoint: { api: 'tei' } });
    expect(walked.keys.size).toBe(0);
  });

  it('can change its key', async () => {
    const choice: EncoderChoice = { encoder: 'https://x.example/v1', endpoint: { api: 'openai', model: 'm' } };
    const walked = await walk(['m > Change the Key', { text: 'sk-new' }], {
      given: { recent: [{ choice, dimension: 8 }] },
    });
    expect(choiceOf(walked)).toEqual(choice);
    expect(walked.keys.get(choice.encoder)).toBe('sk-new');
  });

  it.each([
    ['', false],
    ['localhost:8080', false],
    ['ftp://x', false],
    ['https://user:key@x.example', false],
    ['http://x.example', true],
    ['https://x.example', null],
    ['http://localhost:8080', null],
    ['http://127.0.0.1:1/v1', null],
    ['http://[::1]:1/v1', null],
  ])('checks the address %j', (text, isWarning) => {
    expect(checkAddress(text, englishL10n)?.isWarning ?? null).toBe(isWarning);
  });
});

describe('a download', () => {
  it('asks for a model, lists its files with size and licence, and asks the network for nothing before', async () => {
    const files = filesOf(bert);
    files.set('onnx/model_q.onnx', readFileSync(path.join(bert, 'onnx/model.onnx')));
    const hub = await startHub({ id: 'tester/tiny', files, license: 'mit' });
    try {
      const access = () => ({ endpoint: hub.endpoint, attempts: 1 });
      await walk(['Download from a Hub…', 'cancel'], { services: { access } });
      expect(hub.requests).toEqual([]);
      const walked = await walk(['Download from a Hub…', { text: 'tester/tiny' }, 'onnx/model_q.onnx'], {
        services: { access },
      });
      expect(walked.chosen).toMatchObject({ kind: 'download', wish: { variant: { file: 'onnx/model_q.onnx' } } });
      const absent = await walk(['Download from a Hub…', { text: 'tester/absent' }, 'cancel'], {
        services: { access },
      });
      expect(absent.asked.map(({ title }) => title)).toContainEqual(
        expect.stringContaining('tester/absent@main is not on'),
      );
      expect(absent.asked.map(({ step }) => step)).toEqual([1, 2, 3, 2]);
    } finally {
      await hub.close();
    }
  });
});
