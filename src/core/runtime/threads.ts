import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import os from 'node:os';

let counted: number | undefined;

/**
 * The physical cores this process may use, at least 1. Two hyper-threads of one core share its multipliers, so that a matrix product gains nothing from
 * the second one. Cores taken away by affinity (taskset) or by a container's quota do not count. Never throws; counted once per process.
 */
export function physicalCores(): number {
  counted ??= countPhysicalCores();
  return counted;
}

function countPhysicalCores(): number {
  const logical = Math.max(1, os.availableParallelism());
  const physical = attempt(() => physicalCoresOf(process.platform)) ?? assumedCores(logical);
  return Math.max(1, Math.min(physical, logical));
}

function physicalCoresOf(platform: NodeJS.Platform): number | undefined {
  switch (platform) {
    case 'linux':
      return linuxCores();
    case 'darwin':
      return positive(ask('sysctl', ['-n', 'hw.physicalcpu']));
    case 'win32':
      return windowsCores();
    default:
      return undefined;
  }
}

function linuxCores(): number | undefined {
  const cores = attempt(() => countLinuxCores('/sys/devices/system/cpu', readFileSync('/proc/self/status', 'utf8')));
  const quota = attempt(() => parseCpuQuota(readFileSync('/sys/fs/cgroup/cpu.max', 'utf8')));
  if (cores === undefined || quota === undefined) return cores ?? quota;
  return Math.min(cores, quota);
}

/**
 * Distinct cores among the processors this process may run on.
 * @param folder `/sys/devices/system/cpu`: each `cpuN/topology/thread_siblings_list` names the hyper-threads of N's core
 * @param status text of `/proc/self/status`
 */
export function countLinuxCores(folder: string, status: string): number | undefined {
  const allowed = parseCpuList(/^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1]);
  const cores = new Set<string>();
  for (const name of readdirSync(folder)) {
    const processor = /^cpu(\d+)$/.exec(name)?.[1];
    if (processor === undefined || (allowed !== undefined && !allowed.has(Number(processor)))) continue;
    // A processor that is switched off has no topology.
    const siblings = attempt(() => readFileSync(`${folder}/${name}/topology/thread_siblings_list`, 'utf8').trim());
    if (siblings !== undefined) cores.add(siblings);
  }
  return cores.size > 0 ? cores.size : undefined;
}

/** Processors of a Linux list such as `0-3,8`, or `undefined` when it is none. */
export function parseCpuList(list: string | undefined): ReadonlySet<number> | undefined {
  if (list === undefined || !/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(list)) return undefined;
  const processors = new Set<number>();
  for (const range of list.split(',')) {
    const [first = NaN, last = first] = range.split('-').map(Number);
    for (let processor = first; processor <= last; processor++) processors.add(processor);
  }
  return processors;
}

/** Whole processors of a container's quota (`cpu.max` of cgroup v2: microseconds per period), or `undefined` without one. */
export function parseCpuQuota(text: string): number | undefined {
  const [quota = NaN, period = NaN] = text.trim().split(/\s+/).map(Number);
  return quota > 0 && period > 0 ? Math.max(1, Math.ceil(quota / period)) : undefined;
}

function windowsCores(): number | undefined {
  // One answer per socket. Half a second, once per process, hidden behind the start of the engine.
  const command = '(Get-CimInstance Win32_Processor | Measure-Object -Property NumberOfCores -Sum).Sum';
  return positive(ask('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', command]));
}

/** Two hyper-threads per core where that is usual, one elsewhere. */
function assumedCores(logical: number): number {
  return process.arch === 'x64' && logical > 1 ? Math.floor(logical / 2) : logical;
}

function ask(program: string, args: readonly string[]): string {
  return execFileSync(program, args, {
    encoding: 'utf8',
    timeout: 3000,
    windowsHide: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

function positive(text: string): number | undefined {
  const value = Number.parseInt(text, 10);
  return value > 0 ? value : undefined;
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
