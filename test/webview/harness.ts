import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, chromium, type Page } from 'playwright-core';
import { openPeer, type Peer, type RequestContext, type RpcPort } from '../../src/core/protocol/rpc';
import { parseTyped, stringifyTyped } from '../../src/core/protocol/typedJson';
import type {
  HostNotifications,
  HostToPage,
  PageRequests,
  PageState,
  PageToHost,
  Report,
} from '../../src/core/protocol/webviewProtocol';
import type { Preview } from '../../src/core/protocol/views';
import { chromiumArguments, findChromium } from '../host/chromium';
import { bundlePage, type PageFiles } from './bundle';
import { buildPreview, buildReport, buildTransformed, sentenceOf } from './fixture';
import { buildCurve, buildDimension, buildDimensions, buildNeighbourDiff } from './labFixture';
import { type ThemeName, themes } from './themes';
import { buildUmap } from './umapFixture';

/** What the page told the host. */
export type Told = {
  [Name in keyof HostNotifications]: { readonly name: Name; readonly payload: HostNotifications[Name] };
}[keyof HostNotifications];

export interface PageOptions {
  readonly view?: 'panel' | 'summary';
  readonly theme?: ThemeName;
  readonly width?: number;
  readonly height?: number;
  /** sent when the page says `ready` */
  readonly state?: PageState | Report;
  /** default: the fixture's answer, at once */
  readonly preview?: (spec: string) => Promise<Preview | null>;
  /** default: the state at the new transform, then the answer, as the extension does */
  readonly transform?: (spec: string) => Promise<void>;
  /** default: the report with that layer and pooling */
  readonly encode?: (reading: { readonly layer: string | number; readonly pooling: string }) => Promise<void>;
  readonly answers?: Omit<Answers, 'describe' | 'preview' | 'transform' | 'encode'>;
  readonly describe?: (rows: readonly number[]) => Promise<readonly string[]>;
}

type Question = keyof PageRequests;

/** Answers to the lab's questions; default: the fixture's. */
export type Answers = {
  readonly [Name in keyof PageRequests]?: (
    params: PageRequests[Name]['params'],
    context: RequestContext<PageRequests[Name]['progress']>,
  ) => PageRequests[Name]['result'] | Promise<PageRequests[Name]['result']>;
};

/** A page of ours in a real browser, with the host's end of the connection. */
export interface OpenPage {
  readonly page: Page;
  readonly host: Peer<HostToPage>;
  readonly told: readonly Told[];
  /** console errors, uncaught errors, violations of the policy */
  readonly problems: readonly string[];
  /** questions by name, in order */
  readonly asked: readonly { readonly name: Question; readonly params: unknown }[];
  show(state: PageState | Report): void;
  close(): Promise<void>;
}

export interface WebviewHarness {
  readonly browser: Browser;
  readonly files: PageFiles;
  open(options?: PageOptions): Promise<OpenPage>;
  close(): Promise<void>;
}

/** Starts a browser and a server on the loopback that serves the page under the extension's policy. */
export async function startHarness(extraArguments: readonly string[] = []): Promise<WebviewHarness> {
  const files = await bundlePage();
  const executablePath = findChromium();
  if (executablePath === null) throw new Error('No Chromium was found: install it or set CHROMIUM to its path.');
  const server = await serve(files);
  const { port } = server.address() as AddressInfo;
  const browser = await chromium.launch({
    executablePath,
    args:
      extraArguments.length > 0
        ? ['--no-sandbox', '--disable-background-networking', ...extraArguments]
        : [...chromiumArguments],
  });
  return {
    browser,
    files,
    open: (options = {}) => openPage(browser, `http://127.0.0.1:${port}`, options),
    close: async () => {
      await browser.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function openPage(browser: Browser, origin: string, options: PageOptions): Promise<OpenPage> {
  const { view = 'panel', theme = 'dark', width = 1200, height = 900 } = options;
  const context = await browser.newContext({ viewport: { width, height } });
  const page = await context.newPage();
  const problems = watchPage(page);
  const told: Told[] = [];
  const asked: { name: Question; params: unknown }[] = [];
  let current = options.state;
  const listeners = new Set<(message: unknown) => void>();
  await page.exposeFunction('tellHost', (text: string) => {
    const message = parseTyped(text);
    for (const listener of listeners) listener(message);
  });
  const port: RpcPort = {
    post: (message) => {
      const text = stringifyTyped(message);
      // Only hands the message over: what it causes runs as an event of the page, under the page's policy.
      page
        .evaluate((sent) => (window as unknown as { receiveFromHost(text: string): void }).receiveFromHost(sent), text)
        .catch(() => undefined);
    },
    onMessage: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  const show = (state: PageState | Report): void => {
    current = state;
    host.notify('state', 'kind' in state ? state : { kind: 'shown', report: state });
  };
  const tell = <Name extends keyof HostNotifications>(name: Name) => {
    return (payload: HostNotifications[Name]): void => {
      told.push({ name, payload } as Told);
      if (name === 'ready' && current !== undefined) show(current);
    };
  };
  const reportOf = (): Report => {
    const state = current!;
    if (!('kind' in state)) return state;
    if (state.kind !== 'shown') throw new Error('nothing is shown');
    return state.report;
  };
  const answer = <Name extends 'dimensions' | 'dimension' | 'dimensionCurve' | 'neighbourDiff' | 'umap' | 'savePlot'>(
    name: Name,
    byDefault: (params: PageRequests[Name]['params']) => PageRequests[Name]['result'],
  ) => {
    return (
      params: PageRequests[Name]['params'],
      context: RequestContext<PageRequests[Name]['progress']>,
    ): PageRequests[Name]['result'] | Promise<PageRequests[Name]['result']> => {
      asked.push({ name, params });
      const own = options.answers?.[name] as Answers[Name];
      return own === undefined ? byDefault(params) : own(params, context);
    };
  };
  const host: Peer<HostToPage> = openPeer<HostToPage, PageToHost>(port, {
    requests: {
      describe: ({ rows }) => {
        asked.push({ name: 'describe', params: rows });
        return options.describe?.(rows) ?? rows.map(sentenceOf);
      },
      preview: ({ spec }) => {
        asked.push({ name: 'preview', params: spec });
        return options.preview?.(spec) ?? buildPreview(reportOf(), spec);
      },
      transform: async ({ spec }) => {
        asked.push({ name: 'transform', params: spec });
        if (options.transform === undefined) show(buildTransformed(reportOf(), spec));
        else await options.transform(spec);
        return null;
      },
      encode: async (reading) => {
        asked.push({ name: 'encode', params: reading });
        if (options.encode === undefined) show(buildReport({ ...reading, created: '2026-03-01T09:31:00.000Z' }));
        else await options.encode(reading);
        return null;
      },
      fit: async (params, context) => {
        asked.push({ name: 'fit', params });
        if (options.answers?.fit === undefined) {
          show(buildReport({ fit: params.on, created: '2026-03-01T09:32:00.000Z' }));
          return null;
        }
        return options.answers.fit(params, context);
      },
      savePlot: answer('savePlot', () => null),
      dimensions: answer('dimensions', () => buildDimensions(reportOf())),
      dimension: answer('dimension', ({ dimension, rows }) => buildDimension(dimension, rows)),
      dimensionCurve: answer('dimensionCurve', () => buildCurve()),
      neighbourDiff: answer('neighbourDiff', ({ row, k }) => buildNeighbourDiff(row, k, reportOf())),
      umap: answer('umap', ({ side }) => buildUmap(reportOf(), side)),
    },
    notifications: {
      ready: tell('ready'),
      reveal: tell('reveal'),
      list: tell('list'),
      reanalyze: tell('reanalyze'),
      cancel: tell('cancel'),
      action: tell('action'),
      openPanel: tell('openPanel'),
      problem: tell('problem'),
    },
  });
  await page.goto(`${origin}/?view=${view}&theme=${theme}`);
  return {
    page,
    host,
    told,
    asked,
    problems,
    show,
    close: async () => {
      host.dispose();
      await context.close();
    },
  };
}

/** Collects what a page should never do. */
export function watchPage(page: Page): string[] {
  const problems: string[] = [];
  page.on('console', (message) => {
    // Warnings too: Plotly warns where it should be told better.
    if (message.type() === 'error' || message.type() === 'warning')
      problems.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.stack ?? error.message}`));
  return problems;
}

function serve(files: PageFiles): Promise<Server> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const send = (type: string, body: string): void => {
      response.writeHead(200, { 'Content-Type': `${type}; charset=utf-8`, 'Cache-Control': 'no-store' });
      response.end(body);
    };
    switch (url.pathname) {
      case '/webview.js':
        send('text/javascript', files.script);
        break;
      case '/webview.css':
        send('text/css', files.style);
        break;
      case '/harness.js':
        send('text/javascript', files.harness);
        break;
      case '/':
        send(
          'text/html',
          pageHtml(url.searchParams.get('view') ?? 'panel', url.searchParams.get('theme') as ThemeName),
        );
        break;
      default:
        response.writeHead(204).end();
    }
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

/** The page as the extension writes it (src/extension/views/pageHtml.ts), with the harness before its program. */
function pageHtml(view: string, themeName: ThemeName): string {
  const { bodyClass, variables } = themes[themeName];
  const policy = [
    "default-src 'none'",
    "script-src 'nonce-harness'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
  ].join('; ');
  const style = Object.entries(variables)
    .map(([name, value]) => `--vscode-${name}: ${value}`)
    .join('; ')
    .replace(/"/g, "'");
  return `<!DOCTYPE html>
<html lang="en" style="${style}">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<link rel="stylesheet" href="/webview.css">
<title>Isoscope</title>
</head>
<body class="${bodyClass}" data-view="${view}" data-document="file:///support-messages.txt" data-vscode-theme-kind="${bodyClass.split(' ')[0]}">
<div id="root"></div>
<script nonce="harness" src="/harness.js"></script>
<script nonce="harness" src="/webview.js"></script>
</body>
</html>`;
}

/** Another theme, as VS Code changes it under a living page. */
export async function changeTheme(page: Page, themeName: ThemeName): Promise<void> {
  await page.evaluate((theme) => {
    for (const [name, value] of Object.entries(theme.variables)) {
      document.documentElement.style.setProperty(`--vscode-${name}`, value);
    }
    document.body.className = theme.bodyClass;
  }, themes[themeName]);
}
