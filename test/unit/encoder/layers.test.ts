import { beforeAll, describe, expect, it } from 'vitest';
import type { EncodedBatch, Encoder, FamilyMember } from '../../../src/core/encoder/encoder';
import { chooseMembers } from '../../../src/core/encoder/layers/exploredMembers';
import { createModelPool } from '../../../src/core/encoder/layers/modelPool';
import { openEncoder } from '../../../src/core/encoder/openEncoder';
import { entryBytes } from '../../../src/core/encoder/vectorMemory';
import type { EncoderChoice } from '../../../src/core/protocol/engineProtocol';
import { openNodeRuntime } from '../../../src/core/runtime/nodeRuntime';
import type { ModelSession, Runtime } from '../../../src/core/runtime/runtime';
import { listModels, modelFolder, readIndex, sentences } from '../../golden/encoder/referenceFolder';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await openNodeRuntime({ threads: 1 });
});

/** A runtime that counts the graphs it loads. */
function counting(): Runtime & { readonly opened: ModelSession[]; isOpen: () => number } {
  const opened: ModelSession[] = [];
  let closed = 0;
  return {
    ...runtime,
    opened,
    isOpen: () => opened.length - closed,
    open: async (model, options) => {
      const session = await runtime.open(model, options);
      opened.push(session);
      const release = session.release.bind(session);
      session.release = () => {
        closed++;
        return release();
      };
      return session;
    },
  };
}

async function vectorsOf(encoder: Encoder, members: readonly FamilyMember[], texts: readonly string[]) {
  const vectors = new Map<FamilyMember, Float32Array[]>();
  await encoder.family!.encode(texts, members, {
    onBatch: (member, { rows, vectors: made }: EncodedBatch) => {
      const list = vectors.get(member) ?? [];
      vectors.set(member, list);
      rows.forEach((row, i) => (list[row] = made[i]));
    },
  });
  return vectors;
}

const folders = listModels()
  .filter((name) => !name.endsWith('-q'))
  .flatMap((name) => {
    const folder = modelFolder(name);
    return folder === undefined ? [] : [{ name, folder }];
  });

describe('one pass over all layers and poolings', () => {
  it.each(folders)(
    '$name: gives what an encoder of its own gives, under the same identity',
    async ({ name, folder }) => {
      const texts = name === 'all-MiniLM-L6-v2' ? sentences.slice(0, 3) : sentences.slice(0, 12);
      const models = createModelPool(runtime);
      const encoder = await openEncoder({ encoder: folder }, runtime, { models });
      const { layers } = readIndex(name);
      const { members } = encoder.family!;
      expect(encoder.offer).toMatchObject({ layerCount: layers });
      const layered = ['cls', 'mean', 'max', 'last-token', 'weighted-mean', 'mean-sqrt-len'];
      for (const pooling of layered) {
        expect(members.filter((member) => member.pooling === pooling).map(({ layer }) => layer)).toEqual([
          ...Array.from({ length: layers }, (_, layer) => layer),
          'last',
        ]);
      }
      expect(members.filter(({ pooling }) => !layered.includes(pooling)).map(({ pooling }) => pooling)).toEqual([
        ...(name === 'bert-legacy' ? ['pooler'] : []),
        'first-last',
        'last-2',
      ]);
      const vectors = await vectorsOf(encoder, members, texts);
      for (const member of members) {
        const single = await openEncoder({ encoder: folder, layer: member.layer, pooling: member.pooling }, runtime, {
          models,
        });
        expect(single.identity).toBe(member.identity);
        const { data, columns } = (await single.encode(texts)).vectors;
        vectors.get(member)!.forEach((vector, row) => {
          // The same graph, or the same with more outputs: what ONNX Runtime fuses may differ in the last bits.
          const rest = largestDifference(vector, data.subarray(row * columns, (row + 1) * columns));
          expect(rest, `${member.pooling} of layer ${member.layer}`).toBeLessThan(name.includes('fp16') ? 5e-3 : 1e-5);
        });
        await single.dispose();
      }
      await encoder.dispose();
    },
  );

  it('gives the last block one identity, whatever it is called', async () => {
    const encoder = modelFolder('bert')!;
    const identities = await Promise.all(
      (['last', 3, 2] as const).map(async (layer) => {
        const opened = await openEncoder({ encoder, layer }, runtime);
        await opened.dispose();
        return opened.identity;
      }),
    );
    expect(identities[0]).toBe(identities[1]);
    expect(identities[2]).not.toBe(identities[1]);
  });

  it('keeps prefix and normalisation as they were chosen', async () => {
    const choice: EncoderChoice = { encoder: modelFolder('bert-cls')!, prefix: 'query: ', normalize: 'yes' };
    const encoder = await openEncoder(choice, runtime);
    const member = encoder.family!.members.find(({ layer, pooling }) => layer === 1 && pooling === 'max')!;
    const [vector] = (await vectorsOf(encoder, [member], ['a man'])).get(member)!;
    const single = await openEncoder({ ...choice, layer: 1, pooling: 'max' }, runtime);
    expect(largestDifference(vector, (await single.encode(['a man'])).vectors.data)).toBeLessThan(1e-6);
    expect(Math.hypot(...vector)).toBeCloseTo(1, 6);
    await Promise.all([encoder.dispose(), single.dispose()]);
  });
});

describe('a model that encoders share', () => {
  it('is loaded once for all layers, when a vector is to be made, and closed with the last encoder', async () => {
    const counted = counting();
    const models = createModelPool(counted);
    const encoder = modelFolder('bert')!;
    const open = (choice: Omit<EncoderChoice, 'encoder'>, known: number | null) =>
      openEncoder({ encoder, ...choice }, counted, { models, dimensionOf: () => Promise.resolve(known) });
    const last = await open({}, 32);
    expect(last.summary.dimension).toBe(32);
    expect(counted.opened).toHaveLength(0);
    await last.encode(['a man']);
    expect(counted.opened).toHaveLength(1);
    const first = await open({ layer: 1 }, null);
    const second = await open({ layer: 2, pooling: 'max' }, null);
    await Promise.all([first.encode(['a man']), second.encode(['a man']), last.encode(['a woman'])]);
    // The graph as it is, then with its blocks among the outputs, which serves all.
    expect([counted.opened.length, counted.isOpen()]).toEqual([2, 1]);
    await Promise.all([first.dispose(), second.dispose()]);
    await first.dispose();
    expect(counted.isOpen()).toBe(1);
    await last.encode(['a man']);
    await last.dispose();
    expect(counted.isOpen()).toBe(0);
  });

  it('closes what it loaded when the choice turns out wrong', async () => {
    const counted = counting();
    const models = createModelPool(counted);
    for (const choice of [{ pooling: 'pooler' }, { layer: 9 }]) {
      await expect(openEncoder({ encoder: modelFolder('bert')!, ...choice }, counted, { models })).rejects.toThrow();
    }
    expect(counted.isOpen()).toBe(0);
  });

  it('says so when a dimension that was remembered is not the graph’s', async () => {
    const encoder = await openEncoder({ encoder: modelFolder('bert')! }, runtime, {
      dimensionOf: () => Promise.resolve(7),
    });
    await expect(encoder.encode(['a man'])).rejects.toMatchObject({
      reason: 'encoder',
      message: expect.stringContaining('vectors of 32 dimensions where 7 were expected') as string,
    });
    await encoder.dispose();
  });
});

describe('a layer that has no effect', () => {
  it.each(['first-last', 'last-2'])('%s names its own layers and says so', async (pooling) => {
    const encoder = modelFolder('bert')!;
    const chosen = await openEncoder({ encoder, pooling, layer: 1 }, runtime);
    const plain = await openEncoder({ encoder, pooling }, runtime);
    expect(chosen.notes.map(({ code }) => code)).toContain('layer-without-effect');
    expect(plain.notes.map(({ code }) => code)).not.toContain('layer-without-effect');
    expect(chosen.identity).toBe(plain.identity);
    expect(chosen.summary.layer).toBe('last');
    await Promise.all([chosen.dispose(), plain.dispose()]);
  });
});

describe('what is explored', () => {
  const member = (layer: 'last' | number, pooling: string): FamilyMember => ({
    layer,
    pooling,
    identity: `${layer} ${pooling}`,
  });
  const members = ['cls', 'mean'].flatMap((pooling) => [0, 1, 'last' as const].map((layer) => member(layer, pooling)));
  const all = [...members, member('last', 'first-last')];
  const choose = (identity: string, pooling: string, room: number) =>
    chooseMembers(all, { identity, pooling, count: 10, dimension: 4, budgetBytes: room * 10 * entryBytes(4) }).map(
      (chosen) => chosen.identity,
    );

  it('is everything where there is room', () => {
    expect(choose('1 cls', 'cls', 7)).toHaveLength(7);
  });

  it('is first what is asked for, then its pooling at all layers, then the other poolings of the last layer', () => {
    expect(choose('1 cls', 'cls', 5)).toEqual(['1 cls', '0 cls', 'last cls', 'last mean', 'last first-last']);
    expect(choose('last first-last', 'first-last', 4)).toEqual(['last first-last', '0 mean', '1 mean', 'last mean']);
  });

  it('is nothing where there is room for one only', () => {
    expect(choose('1 cls', 'cls', 1.9)).toEqual([]);
  });
});

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a).toHaveLength(b.length);
  return a.reduce((largest, x, i) => Math.max(largest, Math.abs(x - b[i]) / Math.max(1, Math.abs(b[i]))), 0);
}
