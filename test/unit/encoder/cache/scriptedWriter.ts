import { createVectorCache } from '../../../../src/core/encoder/cache/vectorCache';
import { entryOf } from './entries';

/** A process that writes vectors of sentences `first`, `first + 1` … until it is killed, or `count` are there; says which are surely written. */
const [folder, identity, first, count, dimension] = process.argv.slice(2);

async function main(): Promise<void> {
  const cache = createVectorCache({ folder, limitBytes: 2 ** 30, log: (line) => console.error(line) });
  const end = Number(first) + Number(count);
  for (let i = Number(first); i < end; i += 10) {
    await cache.write(
      identity,
      Array.from({ length: Math.min(10, end - i) }, (_, k) => entryOf(identity, i + k, Number(dimension))),
    );
    await cache.flush();
    process.stdout.write(`${i + 10}\n`);
  }
}

void main();
