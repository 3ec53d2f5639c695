import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeOnnxModel } from '../../../src/core/linalg/onnxProtobuf';
import { openNodeRuntime } from '../../../src/core/runtime/nodeRuntime';
import type { ModelSession, Runtime, Tensor } from '../../../src/core/runtime/runtime';

const models = path.join(__dirname, '../../golden/runtime');
const identityPath = path.join(models, 'identity.onnx');

/** Two rows of two numbers of every type that is carried, with values that another type would not hold. */
const everyType: Readonly<Record<string, Tensor>> = {
  float32: { type: 'float32', dims: [2, 2], data: Float32Array.of(1.5, -0, NaN, Infinity) },
  float64: { type: 'float64', dims: [2, 2], data: Float64Array.of(0.1, 1e300, -1e-300, Math.PI) },
  // 1, −2, the largest number and the smallest, as bits
  float16: { type: 'float16', dims: [2, 2], data: Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001) },
  int32: { type: 'int32', dims: [2, 2], data: Int32Array.of(-1, 0, 2 ** 31 - 1, -(2 ** 31)) },
  int64: { type: 'int64', dims: [2, 2], data: BigInt64Array.of(-1n, 2n ** 53n + 1n, 2n ** 63n - 1n, 7n) },
  bool: { type: 'bool', dims: [2, 2], data: Uint8Array.of(1, 0, 0, 1) },
  uint8: { type: 'uint8', dims: [2, 2], data: Uint8Array.of(0, 255, 128, 1) },
  int8: { type: 'int8', dims: [2, 2], data: Int8Array.of(-128, 127, 0, -1) },
};

let runtime: Runtime;
beforeAll(async () => {
  runtime = await openNodeRuntime({ threads: 2 });
});

describe('openNodeRuntime', () => {
  it('says what it runs on', async () => {
    expect(runtime).toMatchObject({ backend: 'cpu', threads: 2 });
    expect((await openNodeRuntime()).threads).toBeGreaterThanOrEqual(1);
  });

  it.each([0, -1, 1.5, NaN])('refuses %d threads', async (threads) => {
    await expect(openNodeRuntime({ threads })).rejects.toMatchObject({ reason: 'usage' });
  });

  it.each([
    ['bytes', () => new Uint8Array(readFileSync(identityPath))],
    [
      'bytes in the middle of a buffer',
      () => Uint8Array.from([9, 9, ...readFileSync(identityPath), 9]).subarray(2, -1),
    ],
    ['a path', () => identityPath],
  ])('opens a model from %s and carries every type both ways', async (_from, model) => {
    const session = await runtime.open(model());
    expect(session.inputs).toEqual(Object.values(everyType).map(({ type }) => ({ name: type, type, shape: ['n', 2] })));
    const results = await session.run(everyType);
    for (const [name, tensor] of Object.entries(everyType)) expect(results[`${name}_out`]).toEqual(tensor);
    await session.release();
  });

  it('computes only the outputs that are asked for', async () => {
    const session = await runtime.open(identityPath);
    expect(Object.keys(await session.run(everyType, ['int8_out', 'bool_out'])).sort()).toEqual([
      'bool_out',
      'int8_out',
    ]);
    await session.release();
  });

  it('writes outputs into the memory that is given for them', async () => {
    const session = await runtime.open(identityPath);
    const memory = new Float64Array(6);
    const wanted: Tensor = { type: 'float64', dims: [2, 2], data: memory.subarray(1, 5) };
    const results = await session.run(everyType, { float64_out: wanted });
    expect(results).toEqual({ float64_out: wanted });
    expect(results['float64_out'].data).toBe(wanted.data);
    expect(Array.from(memory)).toEqual([0, 0.1, 1e300, -1e-300, Math.PI, 0]);
  });

  it('takes a view of a larger array as its own numbers', async () => {
    const session = await runtime.open(identityPath);
    const data = Float32Array.of(9, 1, 2, 3, 4, 9).subarray(1, 5);
    const { float32_out: out } = await session.run({ ...everyType, float32: { type: 'float32', dims: [2, 2], data } });
    expect([...(out.data as Float32Array)]).toEqual([1, 2, 3, 4]);
    await session.release();
  });

  it('describes outputs it cannot read, and refuses them only when they are fetched', async () => {
    const session = await runtime.open(path.join(models, 'unreadable.onnx'));
    expect(session.outputs.map(({ name, type }) => [name, type])).toEqual([
      ['unsigned', 'other'],
      ['text', 'string'],
      ['sequence', 'other'],
      ['same', 'float32'],
    ]);
    const x: Tensor = { type: 'float32', dims: [1], data: Float32Array.of(3) };
    expect((await session.run({ x }, ['same']))['same']).toEqual(x);
    for (const name of ['unsigned', 'text']) {
      await expect(session.run({ x }, [name])).rejects.toMatchObject({
        reason: 'encoder',
        message: expect.stringContaining(`"${name}"`) as string,
      });
    }
    await session.release();
  });
});

describe('a model that cannot be opened', () => {
  it.each([
    ['no bytes', new Uint8Array(0)],
    ['bytes of something else', new TextEncoder().encode('version https://git-lfs.github.com/spec/v1')],
    ['half of a model', new Uint8Array(readFileSync(identityPath)).subarray(0, 200)],
    ['a path without a file', path.join(models, 'nowhere.onnx')],
  ])('is an error of the encoder that names it: %s', async (_what, model) => {
    await expect(runtime.open(model, { name: 'bert/model.onnx' })).rejects.toMatchObject({
      name: 'IsoscopeError',
      reason: 'encoder',
      message: expect.stringMatching(/^bert\/model\.onnx /) as string,
    });
  });

  it('goes by the name of its file where it has no other', async () => {
    await expect(runtime.open(path.join(models, 'nowhere.onnx'))).rejects.toThrow(/^nowhere\.onnx cannot be loaded/);
  });
});

describe('a session', () => {
  const matrix = (rows: number, columns: number): Tensor => ({
    type: 'float64',
    dims: [rows, columns],
    data: new Float64Array(rows * columns).fill(1),
  });
  const product = encodeOnnxModel({
    nodes: [{ operator: 'MatMul', inputs: ['a', 'b'], outputs: ['c'] }],
    inputs: [
      { name: 'a', type: 'float64', shape: ['n', 'm'] },
      { name: 'b', type: 'float64', shape: ['m', 'p'] },
    ],
    outputs: [{ name: 'c', type: 'float64', shape: ['n', 'p'] }],
  });
  const open = (): Promise<ModelSession> => runtime.open(product, { name: 'the product' });

  it('names itself when a run fails, and runs on', async () => {
    const session = await open();
    await expect(session.run({ a: matrix(2, 3), b: matrix(4, 2) })).rejects.toMatchObject({
      reason: 'engine',
      message: expect.stringMatching(/^the product failed while running: .+/) as string,
    });
    await expect(session.run({ a: matrix(2, 3) })).rejects.toMatchObject({ reason: 'engine' });
    const { c } = await session.run({ a: matrix(2, 3), b: matrix(3, 1) });
    expect([...(c.data as Float64Array)]).toEqual([3, 3]);
    await session.release();
  });

  it('says so when it is used after its release', async () => {
    const session = await open();
    await session.release();
    await session.release();
    await expect(session.run({ a: matrix(1, 1), b: matrix(1, 1) })).rejects.toMatchObject({
      reason: 'engine',
      message: 'the product is closed already and cannot run.',
    });
  });

  it('finishes the runs that were asked for before its release', async () => {
    const session = await open();
    const runs = [1, 2, 3].map((rows) => session.run({ a: matrix(rows, 2), b: matrix(2, 1) }));
    const released = session.release();
    const results = await Promise.all(runs);
    expect(results.map(({ c }) => c.dims)).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
    ]);
    await released;
  });
});
