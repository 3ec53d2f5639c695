import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EncoderChoice } from '../../../../src/core/protocol/engineProtocol';
import { describeChoice, type ChoiceText } from '../../../../src/extension/encoder/describeChoice';
import { EncoderChoices } from '../../../../src/extension/encoder/encoderChoices';
import { encoderOfSetting, guessApi, requireTrust } from '../../../../src/extension/encoder/encoderSetting';
import { EndpointKeys } from '../../../../src/extension/encoder/endpointKeys';
import { rowsOfLines } from '../../../../src/extension/encoder/readyRows';
import { encoderKey, readStoredChoice } from '../../../../src/extension/encoder/storedChoice';
import { englishL10n } from '../englishL10n';
import { memento, uriOf } from './fakes';

const file = uriOf('file:///work/notes.txt');
const other = uriOf('file:///work/other.txt');
const untitled = uriOf('untitled:Untitled-1');
const e5: EncoderChoice = { encoder: '/models/e5', variant: 'onnx/q.onnx', layer: 3, pooling: 'cls' };
const endpoint: EncoderChoice = {
  encoder: 'https://vectors.example/v1',
  endpoint: { api: 'openai', model: 'm', key: 'sk-secret' },
};

function openChoices(setting: EncoderChoice = { encoder: 'embedded' }, isFromWorkspace = false) {
  const memories = { workspace: memento(), machine: memento() };
  const rules = {
    settingOf: () => ({ choice: setting, isFromWorkspace }),
    admit: (choice: EncoderChoice) => choice,
    l10n: englishL10n,
  };
  return { memories, choices: new EncoderChoices(memories, rules), again: () => new EncoderChoices(memories, rules) };
}

describe('the choice of a document', () => {
  it('is the settings one until another is chosen, and again afterwards', async () => {
    const { choices } = openChoices();
    expect(choices.encoderOf(file)).toEqual({ encoder: 'embedded' });
    await choices.choose(file, e5);
    expect(choices.encoderOf(file)).toEqual(e5);
    expect(choices.encoderOf(other)).toEqual({ encoder: 'embedded' });
    await choices.choose(file, undefined);
    expect(choices.chosenFor(file)).toBeUndefined();
  });

  it('outlives the window for files, and not for unsaved documents', async () => {
    const { choices, again } = openChoices();
    await choices.choose(file, e5);
    await choices.choose(untitled, e5);
    expect(choices.encoderOf(untitled)).toEqual(e5);
    expect(again().encoderOf(file)).toEqual(e5);
    expect(again().chosenFor(untitled)).toBeUndefined();
    choices.close(untitled);
    expect(choices.chosenFor(untitled)).toBeUndefined();
  });

  it('goes with a file that is renamed, and with an unsaved document that becomes a file', async () => {
    const { choices } = openChoices();
    await choices.choose(file, e5);
    await choices.rename(file, other);
    expect([choices.chosenFor(file), choices.chosenFor(other)]).toEqual([undefined, e5]);
    await choices.choose(untitled, e5);
    await choices.rename(untitled, file);
    expect(choices.chosenFor(file)).toEqual(e5);
    await choices.rename(untitled, other);
    expect(choices.chosenFor(other)).toEqual(e5);
  });

  it('never holds a key where it is written down', async () => {
    const { choices, memories } = openChoices();
    await choices.choose(file, endpoint);
    await choices.noteUse(endpoint, 8);
    expect(memories.workspace.written() + memories.machine.written()).not.toContain('sk-secret');
    expect(choices.encoderOf(file).endpoint).toEqual({ api: 'openai', model: 'm' });
  });

  it('keeps some hundred files, the newest', async () => {
    const { choices } = openChoices();
    for (let i = 0; i < 310; i++) await choices.choose(uriOf(`file:///${i}.txt`), e5);
    expect(choices.chosenFor(uriOf('file:///9.txt'))).toBeUndefined();
    expect(choices.chosenFor(uriOf('file:///10.txt'))).toEqual(e5);
  });

  it('is not an address that only the workspace names, before the user chooses it', async () => {
    const address: EncoderChoice = { encoder: 'https://vectors.example/v1', endpoint: { api: 'openai' } };
    const { choices, again } = openChoices(address, true);
    expect(() => choices.encoderOf(file)).toThrow(/no text is sent to it before you choose it/);
    expect(choices.defaultOf(file)).toEqual(address);
    await choices.choose(file, undefined);
    expect(again().encoderOf(other)).toEqual(address);
    expect(openChoices(address, false).choices.encoderOf(file)).toEqual(address);
  });

  it('survives a memory that somebody else has written into', () => {
    const { choices, memories } = openChoices();
    void memories.workspace.update('isoscope.encoderOfFile', { [file.toString()]: { encoder: 7 } });
    void memories.machine.update('isoscope.recentEncoders', [null, 5, { choice: {} }, { choice: e5, dimension: 'x' }]);
    expect(choices.encoderOf(file)).toEqual({ encoder: 'embedded' });
    expect(choices.recent).toEqual([{ choice: e5, dimension: null }]);
  });
});

describe('recent encoders', () => {
  it('come newest first, each encoder once, as it was read last', async () => {
    const { choices } = openChoices();
    await choices.noteUse(e5, null);
    await choices.noteUse(endpoint, 8);
    await choices.noteUse({ ...e5, layer: 'last' }, 384);
    expect(choices.recent.map(({ choice, dimension }) => [choice.encoder, choice.layer, dimension])).toEqual([
      ['/models/e5', 'last', 384],
      ['https://vectors.example/v1', undefined, 8],
    ]);
    await choices.forgetUse(e5);
    expect(choices.recent).toHaveLength(1);
    for (let i = 0; i < 20; i++) await choices.noteUse({ encoder: `/models/${i}` }, 1);
    expect(choices.recent).toHaveLength(10);
  });

  it('tell encoders apart by what decides their vectors, not by how they are read', () => {
    expect(encoderKey(e5)).toBe(encoderKey({ encoder: '/models/e5', variant: 'onnx/q.onnx' }));
    expect(encoderKey(e5)).not.toBe(encoderKey({ encoder: '/models/e5' }));
    expect(encoderKey(endpoint)).not.toBe(encoderKey({ ...endpoint, endpoint: { api: 'openai', model: 'n' } }));
    expect(encoderKey(endpoint)).not.toContain('sk-secret');
  });
});

describe('the setting', () => {
  const place = { folder: path.resolve('/work/project'), home: path.resolve('/home/me') };
  const read = (encoder: string, options: unknown = {}, where: Parameters<typeof encoderOfSetting>[1] = place) =>
    encoderOfSetting({ encoder, options, isFromWorkspace: false }, where, englishL10n);

  it.each([
    ['embedded', 'embedded'],
    ['/models/e5/', path.normalize('/models/e5/')],
    ['~/models/e5', path.resolve('/home/me/models/e5')],
    ['models/e5', path.resolve('/work/project/models/e5')],
    ['../e5', path.resolve('/work/e5')],
    ['${workspaceFolder}/e5', path.resolve('/work/project/e5')],
    ['${userHome}/e5', path.resolve('/home/me/e5')],
  ])('%s is %s', (text, expected) => expect(read(text)).toEqual({ encoder: expected }));

  it('is refused when it is relative to a folder and none is open', () => {
    expect(() => read('models/e5', {}, { ...place, folder: undefined })).toThrow(/isoscope\.encoder.*absolute path/);
  });

  it('takes options of the right kind and leaves the others', () => {
    const options = { variant: 'q.onnx', layer: 3, pooling: 'cls', prefix: '', normalize: 'no', api: 'tei' };
    const { api: _, ...reading } = options;
    expect(read('/e5', options)).toEqual({ encoder: path.normalize('/e5'), ...reading });
    expect(read('/e5', { layer: 1.5, pooling: 7, prefix: null, normalize: 'maybe' })).toEqual({
      encoder: path.normalize('/e5'),
    });
    expect(read('embedded', options)).toEqual({
      encoder: 'embedded',
      layer: 3,
      pooling: 'cls',
      prefix: '',
      normalize: 'no',
    });
    expect(read('/e5', null)).toEqual({ encoder: path.normalize('/e5') });
  });

  it('takes an address with what its API needs', () => {
    expect(read('https://x.example/v1', { model: 'm', dimensions: 64, key: 'sk-secret' })).toEqual({
      encoder: 'https://x.example/v1',
      endpoint: { api: 'openai', model: 'm', dimensions: 64 },
    });
    expect(read('https://x.example/v1', { layer: 3, prefix: 'q: ' })).toEqual({
      encoder: 'https://x.example/v1',
      prefix: 'q: ',
    });
    expect(['http://h:11434', 'http://h/api/embed', 'http://h:8080/embed', 'https://h/v1'].map(guessApi)).toEqual([
      'ollama',
      'ollama',
      'tei',
      'openai',
    ]);
  });
});

describe('trust', () => {
  const folders = [path.resolve('/work/project')];
  const inside: EncoderChoice = { encoder: path.resolve('/work/project/models/e5') };

  it('keeps models of an untrusted workspace closed, and nothing else', () => {
    const untrusted = { isTrusted: false, folders };
    expect(() => requireTrust(inside, untrusted, englishL10n)).toThrow(/not trusted.*trust the workspace/);
    expect(requireTrust(inside, { isTrusted: true, folders }, englishL10n)).toBe(inside);
    for (const choice of [
      { encoder: 'embedded' },
      { encoder: path.resolve('/work/project2/e5') },
      { encoder: path.resolve('/work/project/x.npy'), vectors: {} },
      endpoint,
    ]) {
      expect(requireTrust(choice, untrusted, englishL10n)).toBe(choice);
    }
  });
});

const textsOf = ({ label, description, detail }: ChoiceText): string[] => [label, description, detail];

describe('a stored choice', () => {
  it('is read back as it was, without what is no choice', () => {
    const whole: EncoderChoice = { ...e5, prefix: 'query: ', normalize: 'yes' };
    expect(readStoredChoice(JSON.parse(JSON.stringify(whole)))).toEqual(whole);
    expect(readStoredChoice({ encoder: '/x.npz', vectors: { name: 'a' } })).toEqual({
      encoder: '/x.npz',
      vectors: { name: 'a' },
    });
    expect(readStoredChoice({ encoder: '/x.npy', vectors: {} })).toEqual({ encoder: '/x.npy', vectors: {} });
    for (const value of [null, 3, 'embedded', [], {}, { encoder: '' }]) expect(readStoredChoice(value)).toBeUndefined();
  });

  it('is described by what it is, how it is read and where', () => {
    const describe = (choice: EncoderChoice, dimension: number | null = null) =>
      textsOf(describeChoice(choice, dimension, path.resolve('/home/me'), englishL10n));
    expect(describe({ encoder: 'embedded' }, 384)).toEqual(['all-MiniLM-L6-v2', 'embedded · 384 dimensions', '']);
    expect(describe({ ...e5, encoder: path.resolve('/home/me/e5') }, 384)).toEqual([
      'e5 (onnx/q.onnx)',
      '384 dimensions · layer 3 · cls',
      path.join('~', 'e5'),
    ]);
    expect(describe(endpoint)).toEqual(['m', 'OpenAI-compatible', 'https://vectors.example/v1']);
    expect(describe({ encoder: path.resolve('/v.npz'), vectors: { name: 'a' } }, 3)[1]).toBe(
      'ready vectors "a" · 3 dimensions',
    );
    expect(describe({ encoder: 'embedded', prefix: 'query: ', normalize: 'no' })[1]).toBe(
      'embedded · prefix "query: " · length as it is',
    );
  });
});

describe('keys', () => {
  it('belong to one address, however it is spelled, and are put to a choice for the engine only', async () => {
    const kept = new Map<string, string>();
    const keys = new EndpointKeys({
      get: (name) => Promise.resolve(kept.get(name)),
      store: (name, value) => Promise.resolve(void kept.set(name, value)),
      delete: (name) => Promise.resolve(void kept.delete(name)),
    });
    await keys.set('https://Vectors.example/v1/', 'sk-1');
    const choice: EncoderChoice = { encoder: 'https://vectors.example/v1', endpoint: { api: 'openai', model: 'm' } };
    expect((await keys.unlock(choice)).endpoint?.key).toBe('sk-1');
    expect(choice.endpoint?.key).toBeUndefined();
    for (const address of [
      'https://vectors.example/v2',
      'http://vectors.example/v1',
      'https://vectors.example:444/v1',
    ]) {
      expect((await keys.unlock({ ...choice, encoder: address })).endpoint?.key).toBeUndefined();
    }
    expect((await keys.unlock({ encoder: 'https://vectors.example/v1' })).endpoint).toEqual({
      api: 'openai',
      key: 'sk-1',
    });
    expect(await keys.unlock({ encoder: 'embedded' })).toEqual({ encoder: 'embedded' });
    await keys.set('https://vectors.example/v1', '');
    expect(await keys.has('https://vectors.example/v1')).toBe(false);
  });
});

describe('rows of ready vectors', () => {
  it('count the sentences of the whole text', () => {
    const text = 'a\n\nb\n  \nc\nd';
    const { rows, rowCount } = rowsOfLines(text, Uint32Array.of(2, 5));
    expect([[...rows], rowCount]).toEqual([[1, 3], 4]);
  });
});
