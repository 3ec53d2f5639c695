import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countLinuxCores, parseCpuList, parseCpuQuota, physicalCores } from '../../../src/core/runtime/threads';

describe('physicalCores', () => {
  it('is a whole number from 1 to the logical processors', () => {
    const cores = physicalCores();
    expect(Number.isInteger(cores)).toBe(true);
    expect(cores).toBeGreaterThanOrEqual(1);
    expect(cores).toBeLessThanOrEqual(os.availableParallelism());
  });
});

describe('countLinuxCores', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'isoscope-cpu-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  /** `siblings[i]`: the hyper-threads of processor i's core; `undefined` for a processor that is off. */
  function writeTopology(siblings: readonly (string | undefined)[]): void {
    siblings.forEach((list, processor) => {
      const topology = path.join(folder, `cpu${String(processor)}`, 'topology');
      mkdirSync(topology, { recursive: true });
      if (list !== undefined) writeFileSync(path.join(topology, 'thread_siblings_list'), `${list}\n`);
    });
    for (const other of ['cpufreq', 'cpuidle', 'power']) mkdirSync(path.join(folder, other));
  }

  it('counts two hyper-threads as one core', () => {
    writeTopology(['0,4', '1,5', '2,6', '3,7', '0,4', '1,5', '2,6', '3,7']);
    expect(countLinuxCores(folder, 'Cpus_allowed_list:\t0-7\n')).toBe(4);
  });

  it('counts large cores with two threads and small ones with one', () => {
    writeTopology(['0-1', '0-1', '2-3', '2-3', '4', '5', '6', '7']);
    expect(countLinuxCores(folder, 'Cpus_allowed_list:\t0-7\n')).toBe(6);
  });

  it('leaves out what this process may not use, and what is off', () => {
    writeTopology(['0,4', '1,5', undefined, '3,7', '0,4', '1,5', undefined, '3,7']);
    expect(countLinuxCores(folder, 'Name:\tnode\nCpus_allowed_list:\t0,4-6\n')).toBe(2);
    expect(countLinuxCores(folder, 'no such line')).toBe(3);
  });

  it('does not know where no processor tells its core', () => {
    writeTopology([undefined, undefined]);
    expect(countLinuxCores(folder, '')).toBeUndefined();
  });
});

describe('parseCpuList', () => {
  it('reads single processors and ranges', () => {
    expect([...parseCpuList('0-2,5,8-9')!]).toEqual([0, 1, 2, 5, 8, 9]);
    expect([...parseCpuList('3')!]).toEqual([3]);
  });

  it.each([undefined, '', 'all', '1-', '0-3;'])('refuses %s', (list) => {
    expect(parseCpuList(list)).toBeUndefined();
  });
});

describe('parseCpuQuota', () => {
  it.each([
    ['200000 100000\n', 2],
    ['150000 100000\n', 2],
    ['50000 100000\n', 1],
    ['max 100000\n', undefined],
    ['', undefined],
  ])('reads %j', (text, processors) => {
    expect(parseCpuQuota(text)).toBe(processors);
  });
});
