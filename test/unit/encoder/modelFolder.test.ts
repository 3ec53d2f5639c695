import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  embeddedModelFolder,
  listVariants,
  readModelFolder,
  readShippedFolder,
} from '../../../src/core/encoder/modelFolder';
import {
  choosePrefix,
  readMaxTokens,
  readPrompts,
  readSentenceModules,
} from '../../../src/core/encoder/sentenceModules';
import { referenceFolder } from '../../golden/encoder/referenceFolder';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'isoscope-model-'));
  cpSync(path.join(referenceFolder, 'models/tiny/mpnet'), folder, { recursive: true });
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const write = (file: string, content: string) => {
  writeFileSync(path.join(folder, file), content);
};

describe('readModelFolder', () => {
  it('reads what the folder says', async () => {
    const model = await readModelFolder(folder);
    expect(model.graphFile).toBe('onnx/model.onnx');
    expect(model.maxTokens).toBe(48);
    expect(model.modules).toMatchObject({ pooling: 'mean', isNormalized: true, head: [] });
    expect(model.tokenizer).toMatchObject({ padToken: '<pad>', truncationSide: 'right', lowersText: false });
    expect(model.graph.sha256).toBe(
      createHash('sha256')
        .update(readFileSync(path.join(folder, 'onnx/model.onnx')))
        .digest('hex'),
    );
  });

  it.each(['config.json', 'tokenizer.json', 'onnx/model.onnx'])(
    'names %s when it is missing, and where to get it',
    async (file) => {
      rmSync(path.join(folder, file));
      await expect(readModelFolder(folder)).rejects.toMatchObject({
        reason: 'encoder',
        message: expect.stringMatching(
          file === 'onnx/model.onnx'
            ? /has no ONNX file: export the model with "optimum-cli/
            : new RegExp(`${file} is missing: take it from the page`),
        ) as string,
      });
    },
  );

  it.each([
    [
      'a Git LFS pointer',
      'version https://git-lfs.github.com/spec/v1\noid sha256:65f5\nsize 23012204\n',
      /is a Git LFS pointer.*git lfs pull/,
    ],
    ['a web page', '<!DOCTYPE html>\n<html><body>Sign in</body></html>', /is a web page/],
    ['nothing', '', /is empty/],
  ])('recognises %s in place of the model', async (_, content, message) => {
    write('onnx/model.onnx', content);
    await expect(readModelFolder(folder)).rejects.toThrow(message);
    write('tokenizer.json', content);
    await expect(readModelFolder(folder)).rejects.toThrow(message);
  });

  it('names a configuration that is no JSON, or no object', async () => {
    write('sentence_bert_config.json', '{ "max_seq_length": ');
    await expect(readModelFolder(folder)).rejects.toThrow(/sentence_bert_config\.json is not JSON/);
    write('sentence_bert_config.json', '[256]');
    await expect(readModelFolder(folder)).rejects.toThrow(/sentence_bert_config\.json holds no JSON object/);
  });

  it('says what is not a folder', async () => {
    await expect(readModelFolder(path.join(folder, 'nowhere'))).rejects.toThrow(/There is no model folder .*nowhere/);
    await expect(readModelFolder(path.join(folder, 'config.json'))).rejects.toThrow(/is a file: name the model folder/);
  });
});

describe('variants', () => {
  it('takes onnx/model.onnx of several, or the one that is named', async () => {
    cpSync(path.join(folder, 'onnx/model.onnx'), path.join(folder, 'onnx/model_fp16.onnx'));
    expect(await listVariants(folder)).toEqual(['onnx/model.onnx', 'onnx/model_fp16.onnx']);
    expect((await readModelFolder(folder)).graphFile).toBe('onnx/model.onnx');
    for (const name of ['model_fp16.onnx', 'onnx/model_fp16.onnx', path.join(folder, 'onnx', 'model_fp16.onnx')]) {
      expect((await readModelFolder(folder, name)).graphFile).toBe('onnx/model_fp16.onnx');
    }
    await expect(readModelFolder(folder, 'model_q4.onnx')).rejects.toMatchObject({
      reason: 'usage',
      message: expect.stringContaining('it has onnx/model.onnx, onnx/model_fp16.onnx') as string,
    });
    rmSync(path.join(folder, 'onnx/model.onnx'));
    expect((await readModelFolder(folder)).graphFile).toBe('onnx/model_fp16.onnx');
  });

  it('asks which, where several are there and none is called model.onnx', async () => {
    for (const name of ['model_fp16', 'model_int8'])
      cpSync(path.join(folder, 'onnx/model.onnx'), path.join(folder, `onnx/${name}.onnx`));
    rmSync(path.join(folder, 'onnx/model.onnx'));
    await expect(readModelFolder(folder)).rejects.toThrow(
      /several ONNX files \(onnx\/model_fp16\.onnx, onnx\/model_int8\.onnx\).*--variant/,
    );
  });
});

describe('a folder that ships with Isoscope', () => {
  const files = [
    'config.json',
    'tokenizer.json',
    'modules.json',
    '1_Pooling/config.json',
    'sentence_bert_config.json',
    'onnx/model.onnx',
  ];
  beforeEach(() => {
    const listed = files.map((file) => {
      const bytes = readFileSync(path.join(folder, file));
      return [file, { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }] as const;
    });
    write(
      'manifest.json',
      JSON.stringify({ id: 'small', graph: 'onnx/model.onnx', files: Object.fromEntries(listed) }),
    );
  });

  it('opens when all files are what the manifest says', async () => {
    expect((await readShippedFolder(folder)).id).toBe('small');
  });

  it.each(files)('names %s when one bit of it is damaged, when it is cut and when it is missing', async (file) => {
    const location = path.join(folder, file);
    const bytes = readFileSync(location);
    const last = bytes.length - 1;
    writeFileSync(location, Buffer.concat([bytes.subarray(0, last), Buffer.from([bytes[last] ^ 1])]));
    await expect(readShippedFolder(folder)).rejects.toThrow(
      new RegExp(`${file} is damaged \\(sha256 .*(git checkout|npm ci|reinstall)`),
    );
    writeFileSync(location, bytes.subarray(0, last));
    await expect(readShippedFolder(folder)).rejects.toThrow(
      new RegExp(`${file} is damaged \\(${last} bytes instead of ${last + 1}\\)`),
    );
    rmSync(location);
    await expect(readShippedFolder(folder)).rejects.toThrow(new RegExp(`${file} is missing`));
  });

  it('names the manifest itself', async () => {
    write('manifest.json', '{}');
    await expect(readShippedFolder(folder)).rejects.toThrow(/manifest\.json is damaged/);
    rmSync(path.join(folder, 'manifest.json'));
    await expect(readShippedFolder(folder)).rejects.toThrow(/manifest\.json is missing/);
  });

  it('is what the embedded encoder is: its manifest lists each file that is read', async () => {
    const { files: listed } = JSON.parse(readFileSync(path.join(embeddedModelFolder(), 'manifest.json'), 'utf8')) as {
      files: Record<string, { bytes: number }>;
    };
    for (const [file, { bytes }] of Object.entries(listed))
      expect(statSync(path.join(embeddedModelFolder(), file)).size).toBe(bytes);
    const model = await readShippedFolder(embeddedModelFolder());
    expect(model).toMatchObject({
      id: 'all-MiniLM-L6-v2',
      maxTokens: 256,
      modules: { pooling: 'mean', isNormalized: true },
    });
  });
});

describe('modules.json', () => {
  const read = (files: Record<string, unknown>) =>
    readSentenceModules('/model', (file) => Promise.resolve(files[file]));
  const pooling = { type: 'sentence_transformers.models.Pooling', path: '1_Pooling' };

  it.each([
    [{ pooling_mode_cls_token: true, pooling_mode_mean_tokens: false }, 'cls'],
    [{ pooling_mode_mean_tokens: true }, 'mean'],
    [{ pooling_mode_max_tokens: true }, 'max'],
    [{ pooling_mode_mean_sqrt_len_tokens: true }, 'mean-sqrt-len'],
    [{ pooling_mode_weightedmean_tokens: true }, 'weighted-mean'],
    [{ pooling_mode_lasttoken: true }, 'last-token'],
    [{ pooling_mode: 'cls' }, 'cls'],
    [{ pooling_mode: 'mean_sqrt_len_tokens' }, 'mean-sqrt-len'],
    [{ pooling_mode: 'lasttoken' }, 'last-token'],
  ])('%j is %s', async (config, expected) => {
    const modules = await read({ 'modules.json': [pooling], '1_Pooling/config.json': config });
    expect(modules.pooling).toBe(expected);
    expect(modules.isNormalized).toBe(false);
  });

  it('takes the module names of both generations, and none for a bare transformer', async () => {
    const modules = await read({
      'modules.json': [
        { type: 'sentence_transformers.base.modules.transformer.Transformer', path: '' },
        { type: 'sentence_transformers.sentence_transformer.modules.pooling.Pooling', path: '1_Pooling' },
        { type: 'sentence_transformers.base.modules.dense.Dense', path: '2_Dense' },
        { type: 'sentence_transformers.base.modules.normalize.Normalize', path: '3_Normalize' },
      ],
      '1_Pooling/config.json': { pooling_mode: 'mean', include_prompt: false },
    });
    expect(modules).toMatchObject({
      pooling: 'mean',
      poolsPrompt: false,
      head: [{ kind: 'dense', folder: '2_Dense' }],
      isNormalized: true,
    });
    expect(await read({})).toMatchObject({ pooling: null, isNormalized: false, isSentenceTransformer: false });
  });

  it('tells of joined poolings, and refuses a module that would be left out', async () => {
    const joined = await read({
      'modules.json': [pooling],
      '1_Pooling/config.json': { pooling_mode_cls_token: true, pooling_mode_max_tokens: true },
    });
    expect(joined).toMatchObject({ pooling: null, namedPoolings: ['cls', 'max'] });
    await expect(
      read({ 'modules.json': [{ type: 'sentence_transformers.models.LSTM', path: '1_LSTM' }] }),
    ).rejects.toThrow(/module "LSTM"/);
  });
});

describe('prompts', () => {
  const prompts = readPrompts({ prompts: { query: 'query: ', passage: 'passage: ' }, default_prompt_name: 'query' });

  it('puts the default before a sentence, a named one, or the text itself', () => {
    expect(choosePrefix(prompts, undefined)).toBe('query: ');
    expect(choosePrefix(prompts, 'name:passage')).toBe('passage: ');
    expect(choosePrefix(prompts, '')).toBe('');
    expect(choosePrefix(prompts, 'search: ')).toBe('search: ');
    expect(() => choosePrefix(prompts, 'name:document')).toThrow(/no prompt named "document".*query, passage/);
  });

  it('puts none where the default is null', () => {
    expect(choosePrefix(readPrompts({ prompts: { query: 'query: ' }, default_prompt_name: null }), undefined)).toBe('');
    expect(choosePrefix(readPrompts(undefined), undefined)).toBe('');
  });
});

describe('maximum length', () => {
  const roberta = { model_type: 'roberta', max_position_embeddings: 514, pad_token_id: 1 };
  it.each([
    [{ max_position_embeddings: 512 }, { model_max_length: 512 }, { max_seq_length: 256 }, 256],
    [{ max_position_embeddings: 80 }, {}, undefined, 80],
    [{ max_position_embeddings: 512 }, { model_max_length: 64 }, { max_seq_length: null }, 64],
    [roberta, { model_max_length: 1e30 }, undefined, 512],
    [roberta, undefined, { max_seq_length: 514 }, 512],
    [{}, { model_max_length: 1e30 }, undefined, null],
  ])('config %j, tokenizer %j, sentence %j: %j', (config, tokenizer, sentence, expected) => {
    expect(readMaxTokens({ config, tokenizer, sentence })).toBe(expected);
  });
});
