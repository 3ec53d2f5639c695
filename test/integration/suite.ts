import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** A small test runner for the inside of an extension host: no globals, no dependency, one line per test. */
interface Test {
  readonly name: string;
  readonly run: () => Promise<void> | void;
  readonly timeoutMs: number;
}

interface Result {
  readonly name: string;
  readonly passed: boolean;
  readonly message?: string;
}

const tests: Test[] = [];

/** Adds a test. Tests run one after another in the order in which they were added. */
export function test(name: string, run: Test['run'], timeoutMs = 60_000): void {
  tests.push({ name, run, timeoutMs });
}

/**
 * Runs every test, prints `ok name` or `not ok name: message`, and writes the results to the file that ISOSCOPE_TEST_RESULTS names,
 * after each test so that a host that dies leaves what it had.
 * @param cleanUp runs after each test
 * @throws Error that counts the failures
 */
export async function runAll(cleanUp: () => Promise<void>): Promise<void> {
  const results: Result[] = [];
  const file = process.env['ISOSCOPE_TEST_RESULTS'] ?? path.join(__dirname, 'integration-results.json');
  await mkdir(path.dirname(file), { recursive: true });
  const only = process.env['ISOSCOPE_TEST_ONLY'];
  for (const one of tests.filter(({ name }) => only === undefined || name.includes(only))) {
    const start = performance.now();
    const result = await runOne(one, cleanUp);
    results.push(result);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(result.passed ? `ok ${one.name} (${seconds} s)` : `not ok ${one.name}: ${result.message ?? ''}`);
    await writeFile(file, JSON.stringify(results, null, 2));
  }
  const failed = results.filter(({ passed }) => !passed).length;
  if (failed > 0) throw new Error(`${failed} of ${results.length} tests in the extension host failed`);
}

async function runOne({ name, run, timeoutMs }: Test, cleanUp: () => Promise<void>): Promise<Result> {
  try {
    await withinTime(run, timeoutMs);
    await withinTime(cleanUp, 20_000);
    return { name, passed: true };
  } catch (error) {
    await withinTime(cleanUp, 20_000).catch(() => undefined);
    return { name, passed: false, message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

async function withinTime(run: () => Promise<void> | void, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${timeoutMs / 1000} s`)), timeoutMs);
  });
  try {
    await Promise.race([run(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until something holds. @throws Error that says what did not come about */
export async function until(what: string, holds: () => boolean | Promise<boolean>, timeoutMs = 15_000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`not within ${timeoutMs / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
