import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundleForNode } from '../../engine/bundle';
import { fill, heldOf, openCache, temporaryFolder } from './fixtures';

let script: string;
beforeAll(async () => {
  script = await bundleForNode('test/unit/encoder/cache/scriptedWriter.ts', 'cacheWriter');
});

const DIMENSION = 64;

function startWriter(folder: string, identity: string, first: number, count: number): ChildProcess {
  const args = [script, folder, identity, String(first), String(count), String(DIMENSION)];
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
}

describe('processes', () => {
  it('one that is killed while it writes leaves whole vectors only, and all that it had said were written', async () => {
    const folder = temporaryFolder();
    for (let round = 0; round < 4; round++) {
      const identity = `killed ${round}`;
      const writer = startWriter(folder, identity, 0, 1_000_000);
      let written = 0;
      for await (const line of createInterface({ input: writer.stdout! })) {
        written = Number(line);
        // In the middle of whatever it is doing by then.
        if (written >= 50 + 70 * round && !writer.killed) writer.kill('SIGKILL');
      }
      const cache = openCache(folder);
      const held = await heldOf(cache, identity, written + 200, DIMENSION);
      expect(held.length).toBeGreaterThanOrEqual(written);
      expect(held.slice(0, written)).toEqual(Array.from({ length: written }, (_, i) => i));
      // And the next session goes on from there.
      await fill(cache, identity, 10, DIMENSION, held.length);
      expect((await heldOf(openCache(folder), identity, held.length + 10, DIMENSION)).length).toBe(held.length + 10);
    }
  });

  it('several write at once, and clear, and nothing is mixed up', async () => {
    const folder = temporaryFolder();
    const writers = [0, 1, 2].map((k) => startWriter(folder, 'shared', 200 * k, 300));
    const reader = openCache(folder);
    const ended = Promise.all(writers.map((writer) => once(writer, 'exit')));
    // `heldOf` looks at every number.
    while (writers.some(({ exitCode, signalCode }) => exitCode === null && signalCode === null))
      await heldOf(reader, 'shared', 700, DIMENSION);
    expect((await ended).map(([code]) => code as number)).toEqual([0, 0, 0]);
    expect(await heldOf(reader, 'shared', 710, DIMENSION)).toHaveLength(700);
    expect(await heldOf(openCache(folder), 'shared', 710, DIMENSION)).toHaveLength(700);
    const again = startWriter(folder, 'shared', 0, 300);
    const done = once(again, 'exit');
    for (let round = 0; round < 5; round++) {
      await reader.clear();
      await heldOf(reader, 'shared', 700, DIMENSION);
    }
    expect((await done)[0]).toBe(0);
    await heldOf(openCache(folder), 'shared', 700, DIMENSION);
  });
});
