import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listStoredEncoders } from '../../../../src/core/encoder/hub/encoderStore';
import { importFolder } from '../../../../src/core/encoder/hub/importFolder';
import { readModelFolder } from '../../../../src/core/encoder/modelFolder';
import { modelFolder } from '../../../golden/encoder/referenceFolder';

let place: string;
let store: string;
let folder: string;
beforeEach(() => {
  place = mkdtempSync(path.join(tmpdir(), 'isoscope-import-'));
  store = path.join(place, 'store', 'encoders');
  folder = path.join(place, 'tiny bert');
  cpSync(modelFolder('bert')!, folder, { recursive: true });
});
afterEach(() => {
  rmSync(place, { recursive: true });
});

const write = (file: string, content: string): void => {
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  writeFileSync(path.join(folder, file), content);
};
const isClean = (): boolean => !existsSync(store) || readdirSync(store).length === 0;

describe('importing a folder', () => {
  it('copies what an encoder needs, names the sha256 of its graph, and shows progress to the end', async () => {
    write('pytorch_model.bin', 'another framework');
    write('.git/HEAD', 'ref');
    write('README.md', 'A model.');
    const seen: number[] = [];
    const stored = await importFolder(folder, store, { onProgress: ({ done, total }) => seen.push(done / total) });
    expect(seen.at(-1)).toBe(1);
    expect(path.basename(stored.folder)).toMatch(/^tiny-bert--[0-9a-f]{8}$/);
    expect(stored.origin).toEqual({ kind: 'folder', folder });
    const sha256 = createHash('sha256')
      .update(readFileSync(path.join(folder, 'onnx/model.onnx')))
      .digest('hex');
    expect(stored.graphs).toEqual([{ file: 'onnx/model.onnx', bytes: expect.any(Number) as number, sha256 }]);
    expect((await readModelFolder(stored.folder)).graph.sha256).toBe(sha256);
    expect(readdirSync(stored.folder)).toContain('README.md');
    expect(readdirSync(stored.folder)).not.toContain('pytorch_model.bin');
    expect(await listStoredEncoders(store)).toEqual([stored]);
  });

  it('finds a folder again that was imported before, and keeps both when its content has changed', async () => {
    const first = await importFolder(folder, store);
    expect((await importFolder(folder, store)).folder).toBe(first.folder);
    write('1_Pooling/config.json', '{"pooling_mode":"cls"}');
    write('modules.json', '[{"path":"","type":"x.Transformer"},{"path":"1_Pooling","type":"x.Pooling"}]');
    const second = await importFolder(folder, store);
    expect(second.folder).not.toBe(first.folder);
    expect(existsSync(path.join(second.folder, '1_Pooling/config.json'))).toBe(true);
    expect(readdirSync(store)).toHaveLength(2);
  });

  it('brings weights that lie beside the graph, by whatever name', async () => {
    const stored = await importFolder(modelFolder('bert-external-data')!, store);
    expect(existsSync(path.join(stored.folder, 'onnx/model.onnx_data'))).toBe(true);
    rmSync(path.join(folder, 'onnx/model.onnx'));
    cpSync(path.join(modelFolder('bert-external-data')!, 'onnx/model.onnx'), path.join(folder, 'onnx/model.onnx'));
    await expect(importFolder(folder, store)).rejects.toThrow(/model\.onnx_data is missing/);
  });

  it.each([
    ['config.json', /lacks config\.json.*hub/],
    ['tokenizer.json', /lacks tokenizer\.json.*save_pretrained/],
    ['onnx/model.onnx', /has no ONNX file.*optimum-cli/],
  ])('says what to do when %s is missing', async (file, message) => {
    rmSync(path.join(folder, file));
    await expect(importFolder(folder, store)).rejects.toThrow(message);
    expect(isClean()).toBe(true);
  });

  it.each([
    ['onnx/model.onnx', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n', /Git LFS pointer/],
    ['onnx/model.onnx', '<!DOCTYPE html><html>Sign in</html>', /web page/],
    ['onnx/model.onnx', '', /is empty/],
    ['onnx/model.onnx', 'nothing of the kind', /not a whole ONNX model/],
    ['tokenizer.json', '<html></html>', /web page/],
    ['config.json', '{"a":', /config\.json is not JSON/],
    ['modules.json', '[{"path":"../../etc","type":"x.Pooling"}]', /outside of its folder/],
  ])('refuses %s that is %j', async (file, content, message) => {
    write(file, content);
    await expect(importFolder(folder, store)).rejects.toThrow(message);
    expect(isClean()).toBe(true);
  });

  it('refuses what is no folder', async () => {
    await expect(importFolder(path.join(place, 'nowhere'), store)).rejects.toThrow(/no model folder/);
    await expect(importFolder(path.join(folder, 'config.json'), store)).rejects.toThrow(/is a file/);
  });

  it('leaves nothing behind when it is cancelled', async () => {
    const controller = new AbortController();
    const importing = importFolder(folder, store, {
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(importing).rejects.toMatchObject({ name: 'AbortError' });
    expect(isClean()).toBe(true);
  });

  it('does not take a file for a store', async () => {
    writeFileSync(path.join(place, 'file'), '');
    await expect(importFolder(folder, path.join(place, 'file', 'encoders'))).rejects.toThrow(
      /cannot|does not exist|not a folder/,
    );
  });
});

describe.skipIf(process.platform === 'win32')('links', () => {
  it('refuses a link to a file outside the folder, and a link that leads nowhere', async () => {
    writeFileSync(path.join(place, 'secret.json'), '{}');
    symlinkSync(path.join(place, 'secret.json'), path.join(folder, 'modules.json'));
    await expect(importFolder(folder, store)).rejects.toThrow(/modules\.json is a link to a file outside/);
    rmSync(path.join(folder, 'modules.json'));
    symlinkSync(path.join(place, 'nowhere'), path.join(folder, 'README.md'));
    await expect(importFolder(folder, store)).rejects.toThrow(/README\.md is missing/);
    expect(isClean()).toBe(true);
  });

  it("takes the links of the hub's own cache, which lead to its blobs, and copies files", async () => {
    const model = path.join(place, 'models--tester--tiny');
    const snapshot = path.join(model, 'snapshots', 'abc');
    mkdirSync(path.join(snapshot, 'onnx'), { recursive: true });
    mkdirSync(path.join(model, 'blobs'));
    for (const file of ['config.json', 'tokenizer.json', 'onnx/model.onnx']) {
      const blob = path.join(model, 'blobs', file.replace('/', '-'));
      cpSync(path.join(folder, file), blob);
      symlinkSync(path.relative(path.dirname(path.join(snapshot, file)), blob), path.join(snapshot, file));
    }
    const stored = await importFolder(snapshot, store);
    rmSync(model, { recursive: true });
    expect((await readModelFolder(stored.folder)).graph.sha256).toBe(stored.graphs[0].sha256);
  });

  it('does not follow links to folders', async () => {
    mkdirSync(path.join(place, 'elsewhere'));
    writeFileSync(path.join(place, 'elsewhere', 'config.json'), '{}');
    symlinkSync(path.join(place, 'elsewhere'), path.join(folder, '1_Pooling'));
    write('modules.json', '[{"path":"1_Pooling","type":"x.Pooling"}]');
    const stored = await importFolder(folder, store);
    expect(readdirSync(stored.folder)).not.toContain('1_Pooling');
  });
});
