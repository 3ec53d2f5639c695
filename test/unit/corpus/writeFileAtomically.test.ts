import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeFileAtomically } from '../../../src/core/corpus/writeFileAtomically';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'isoscope-write-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});
const inside = (name: string) => path.join(folder, name);

describe('writeFileAtomically', () => {
  it('writes the parts one after the other and leaves nothing else', async () => {
    await writeFileAtomically(inside('out'), ['grüße ', Uint8Array.of(1, 2), '']);
    expect(readFileSync(inside('out'))).toEqual(Buffer.concat([Buffer.from('grüße '), Buffer.of(1, 2)]));
    expect(readdirSync(folder)).toEqual(['out']);
  });

  it('replaces a file and keeps its permissions', async () => {
    writeFileSync(inside('out'), 'old and longer');
    chmodSync(inside('out'), 0o600);
    await writeFileAtomically(inside('out'), 'new');
    expect(readFileSync(inside('out'), 'utf8')).toBe('new');
    expect(statSync(inside('out')).mode & 0o777).toBe(0o600);
  });

  it('leaves the old file when it is cancelled on the way', async () => {
    writeFileSync(inside('out'), 'old');
    const control = new AbortController();
    const parts = ['a', 'b'];
    // The second part is asked for while the file is half written.
    const watched = new Proxy(parts, {
      get(target, key) {
        if (key === '1') control.abort();
        return Reflect.get(target, key) as unknown;
      },
    });
    await expect(writeFileAtomically(inside('out'), watched, { signal: control.signal })).rejects.toThrow(
      expect.objectContaining({ name: 'AbortError' }) as Error,
    );
    expect(readFileSync(inside('out'), 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['out']);
  });

  it('writes through a link', async () => {
    writeFileSync(inside('target'), 'old');
    symlinkSync('target', inside('link'));
    await writeFileAtomically(inside('link'), 'new');
    expect(readFileSync(inside('target'), 'utf8')).toBe('new');
  });

  it('explains a folder that is not there, and a folder in place of the file', async () => {
    await expect(writeFileAtomically(inside('no/out'), 'x')).rejects.toThrow('The folder of');
    mkdirSync(inside('folder'));
    await expect(writeFileAtomically(inside('folder'), 'x')).rejects.toThrow('is a folder, not a file');
    expect(readdirSync(folder)).toEqual(['folder']);
  });

  it('writes to a device without renaming anything over it', async () => {
    await writeFileAtomically('/dev/null', 'x');
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });
});
