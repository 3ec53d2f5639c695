import { spawn, spawnSync } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { ensureChromium } from '../test/host/chromium';
import { runPackagedTests } from '../test/host/packaged';
import { runCheck, type TestResult } from '../test/host/results';
import { type HostKind, runExtensionHostTests } from '../test/host/runTest';
import { runUserSessions } from '../test/host/userSessions';
import type { VsCodeVersion } from '../test/host/vscodeServer';
import { buildAll } from './build';

const usage = `npm test [-- KIND… --vscode=oldest|newest --host=auto|desktop|server]

Kinds (all when none is named): check  unit  host  sessions  package`;

const root = path.resolve(__dirname, '..');
const resultsFolder = path.join(root, '.cache', 'test-results');
const kinds = ['check', 'unit', 'host', 'sessions', 'package'] as const;
type Kind = (typeof kinds)[number];

interface Options {
  readonly kinds: ReadonlySet<Kind>;
  readonly version: VsCodeVersion;
  readonly host: HostKind;
}

function parseOptions(args: readonly string[]): Options {
  let version: VsCodeVersion = 'oldest';
  let host: HostKind = 'auto';
  const chosen = new Set<Kind>();
  for (const argument of args) {
    if (argument === '--vscode=oldest' || argument === '--vscode=newest') version = argument.slice(9) as VsCodeVersion;
    else if (/^--host=(auto|desktop|server)$/.test(argument)) host = argument.slice(7) as HostKind;
    else if ((kinds as readonly string[]).includes(argument)) chosen.add(argument as Kind);
    else throw new Error(`unknown argument ${argument}\n${usage}`);
  }
  return { kinds: chosen.size > 0 ? chosen : new Set(kinds), version, host };
}

/** Every test of every kind; the last line counts them. */
async function test(options: Options): Promise<readonly TestResult[]> {
  const results: TestResult[] = [];
  await rm(resultsFolder, { recursive: true, force: true });
  await mkdir(resultsFolder, { recursive: true });
  const section = (title: string): void => {
    console.log(`\n── ${title}`);
  };
  section('build');
  const built = await runCheck('dist/ builds and every bundle is within its budget', async () => {
    console.log((await buildAll()).join('\n'));
  });
  results.push(built);
  if (options.kinds.has('check')) {
    section('types, lint, formatting');
    for (const [name, script] of [
      ['types', 'check:types'],
      ['lint', 'check:lint'],
      ['formatting', 'check:format'],
    ] as const) {
      results.push(await runCheck(name, () => runNpmScript(script)));
    }
  }
  if (!built.passed) return results;
  ensureChromium();
  if (options.kinds.has('unit')) {
    section('core, webview (vitest)');
    results.push(...(await runVitest()));
  }
  if (options.kinds.has('host')) {
    section('extension host');
    results.push(...(await runHost(options)));
  }
  if (options.kinds.has('sessions')) {
    section('a user in the workbench');
    results.push(...(await runUserSessions({ root, version: options.version })));
    results.push(await runCheck('npm start -- --exit: the report, then VS Code with Isoscope in it', runStart));
  }
  if (options.kinds.has('package')) {
    section('package');
    results.push(...(await runPackagedTests({ root, version: options.version })));
  }
  return results;
}

/** The main job's own command, as the README has it. */
function runStart(): void {
  const run = spawnSync('npm', ['start', '--silent', '--', '--exit'], {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
    timeout: 600_000,
  });
  if (run.status !== 0) throw new Error(`npm start -- --exit failed:\n${run.stdout}${run.stderr}`);
  if (!run.stdout.includes('Average cosine')) throw new Error(`npm start printed no report:\n${run.stdout}`);
}

function runNpmScript(script: string): void {
  const run = spawnSync('npm', ['run', '--silent', script], {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (run.status !== 0) throw new Error(`npm run ${script} failed:\n${run.stdout}${run.stderr}`);
}

async function runVitest(): Promise<readonly TestResult[]> {
  const file = path.join(resultsFolder, 'vitest.json');
  const code = await new Promise<number | null>((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [
        path.join(root, 'node_modules/vitest/vitest.mjs'),
        'run',
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${file}`,
      ],
      { cwd: root, stdio: 'inherit' },
    );
    child.once('error', reject);
    child.once('exit', resolve);
  });
  const report = JSON.parse(await readFile(file, 'utf8')) as VitestReport;
  const results = report.testResults.flatMap((suite) => [
    ...suite.assertionResults
      .filter(({ status }) => status === 'passed' || status === 'failed')
      .map(({ fullName, status, failureMessages }) => ({
        name: `${path.relative(root, suite.name)}: ${fullName}`,
        passed: status === 'passed',
        message: failureMessages.join('\n'),
      })),
    // A file that failed to load has no assertions of its own.
    ...(suite.status === 'failed' && suite.assertionResults.length === 0
      ? [{ name: path.relative(root, suite.name), passed: false, message: suite.message }]
      : []),
  ]);
  if (code !== 0 && results.every(({ passed }) => passed)) {
    results.push({ name: 'vitest', passed: false, message: `vitest ended with code ${String(code)}` });
  }
  return results;
}

interface VitestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

async function runHost({ host, version }: Options): Promise<readonly TestResult[]> {
  const resultsFile = path.join(resultsFolder, 'host.json');
  const ran = await runCheck('the extension host ran its tests to the end', async () => {
    const on = await runExtensionHostTests({ root, host, version, resultsFile });
    console.log(`  ran on ${on}`);
  });
  const written = await readFile(resultsFile, 'utf8').catch(() => null);
  const results = written === null ? [] : (JSON.parse(written) as TestResult[]);
  return [...results, ran];
}

/** Its name, and the beginning of why: the end of a log is what is kept of a run elsewhere. */
function describeFailure({ name, message = '' }: TestResult): string {
  const lines = message.split('\n').filter((line) => line.trim() !== '');
  return [name, ...lines.slice(0, 6).map((line) => `  ${line.trim().slice(0, 300)}`)]
    .map((line) => `  ${line}`)
    .join('\n');
}

test(parseOptions(process.argv.slice(2))).then(
  (results) => {
    const failed = results.filter(({ passed }) => !passed);
    if (failed.length > 0) console.log(`\nFailed:\n${failed.map(describeFailure).join('\n')}`);
    console.log(`\n${results.length - failed.length} passed, ${failed.length} failed`);
    process.exit(failed.length === 0 ? 0 : 1);
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    console.log('\n0 passed, 1 failed');
    process.exit(1);
  },
);
