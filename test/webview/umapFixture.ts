import type { UmapPlane } from '../../src/core/protocol/umap';
import type { Report } from '../../src/core/protocol/webviewProtocol';
import { createGenerator } from './random';

/** What the engine answers: a few islands, others on each side. */
export function buildUmap({ snapshot, views }: Report, side: 'raw' | 'transformed'): UmapPlane {
  const count = views.shownRows?.length ?? snapshot.corpus.count;
  const random = createGenerator(side === 'raw' ? 3 : 4);
  const islands = side === 'raw' ? 6 : 9;
  const centres = Array.from({ length: islands }, (_, i) => [
    9 * Math.cos((2 * Math.PI * i) / islands) * (0.5 + random.next()),
    7 * Math.sin((2 * Math.PI * i) / islands) * (0.5 + random.next()),
  ]);
  const plane = new Float32Array(2 * count);
  for (let i = 0; i < count; i++) {
    const [x, y] = centres[Math.floor(random.next() * islands)];
    plane[2 * i] = x + 0.7 * random.normal();
    plane[2 * i + 1] = y + 0.7 * random.normal();
  }
  return {
    rows: views.shownRows,
    plane,
    seed: snapshot.seed,
    neighbours: 15,
    minDist: 0.1,
    epochs: 500,
    notes: [],
    elapsedMs: 900,
  };
}
