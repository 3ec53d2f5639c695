import path from 'node:path';
import * as vscode from 'vscode';
import { PageConnection, type PageServices } from './pageConnection';
import { pageHtml, pageOptions } from './pageHtml';

export const panelViewType = 'isoscope.panel';

interface OpenPanel {
  readonly uri: vscode.Uri;
  readonly panel: vscode.WebviewPanel;
}

/** The big views beside the text, one per document. */
export class Panels implements vscode.Disposable, vscode.WebviewPanelSerializer {
  readonly #services: PageServices;
  readonly #memory: vscode.Memento;
  readonly #open = new Map<string, OpenPanel>();
  readonly #changed = new vscode.EventEmitter<void>();
  /** a panel was opened or closed, came into view or left it, got or lost the focus */
  readonly onDidChange = this.#changed.event;

  /** @param memory of the workspace: which documents had a panel when the window went */
  constructor(services: PageServices, memory: vscode.Memento) {
    this.#services = services;
    this.#memory = memory;
  }

  has(key: string): boolean {
    return this.#open.has(key);
  }

  isVisible(key: string): boolean {
    return this.#open.get(key)?.panel.visible === true;
  }

  /** Document of the panel that has the focus. */
  get activeKey(): string | undefined {
    return [...this.#open.values()].find(({ panel }) => panel.active)?.uri.toString();
  }

  /** Shows the panel of a document beside the text, without taking the keyboard. */
  show(uri: vscode.Uri): void {
    const known = this.#open.get(uri.toString());
    if (known !== undefined) {
      known.panel.reveal(undefined, true);
      return;
    }
    const [other] = this.#open.values();
    const panel = vscode.window.createWebviewPanel(
      panelViewType,
      titleOf(uri),
      // A second document's panel joins the first one's column instead of halving the space once more.
      { viewColumn: other?.panel.viewColumn ?? vscode.ViewColumn.Beside, preserveFocus: true },
      // Not kept when hidden: a page that comes back asks for its state (see PageConnection).
      { ...pageOptions(this.#services.extensionUri), retainContextWhenHidden: false, enableFindWidget: true },
    );
    this.#adopt(panel, uri);
  }

  /** A window was loaded anew and brings its panels back. */
  deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const uri = this.#documentOf(panel, state);
    if (uri === undefined) {
      panel.dispose();
      return Promise.resolve();
    }
    panel.webview.options = pageOptions(this.#services.extensionUri);
    this.#adopt(panel, uri);
    this.#analyzeWhenSeen(panel, uri);
    return Promise.resolve();
  }

  dispose(): void {
    // Not `panel.dispose()`: a window that is loaded anew must find its panels.
    this.#changed.dispose();
  }

  #adopt(panel: vscode.WebviewPanel, uri: vscode.Uri): void {
    const { extensionUri, runs } = this.#services;
    const key = uri.toString();
    this.#open.set(key, { uri, panel });
    this.#remember();
    panel.iconPath = vscode.Uri.joinPath(extensionUri, 'media', 'icon.svg');
    const connection = new PageConnection(
      { webview: panel.webview, run: () => runs.find(uri), column: () => panel.viewColumn },
      this.#services,
    );
    panel.webview.html = pageHtml(panel.webview, extensionUri, 'panel', key);
    const watch = panel.onDidChangeViewState(() => this.#changed.fire());
    panel.onDidDispose(() => {
      watch.dispose();
      connection.dispose();
      this.#open.delete(key);
      this.#remember();
      this.#changed.fire();
    });
    this.#changed.fire();
  }

  /** Results are not kept over a reload. A panel that nobody looks at costs nothing until somebody does. */
  #analyzeWhenSeen(panel: vscode.WebviewPanel, uri: vscode.Uri): void {
    const { runs } = this.#services;
    if (panel.visible) {
      if (runs.find(uri) === undefined) void runs.reanalyze(uri);
      return;
    }
    const watch = panel.onDidChangeViewState(() => {
      if (!panel.visible) return;
      watch.dispose();
      this.#analyzeWhenSeen(panel, uri);
    });
    panel.onDidDispose(() => void watch.dispose());
  }

  /** From what the page kept, or, when it had not come to that, from the panel's title. */
  #documentOf(panel: vscode.WebviewPanel, state: unknown): vscode.Uri | undefined {
    const kept = (state as { document?: unknown } | null | undefined)?.document;
    const remembered = this.#memory.get<readonly string[]>(panelViewType, []).map((key) => vscode.Uri.parse(key));
    const uri =
      typeof kept === 'string' && kept !== ''
        ? vscode.Uri.parse(kept)
        : remembered.find((candidate) => titleOf(candidate) === panel.title);
    return uri !== undefined && !this.#open.has(uri.toString()) ? uri : undefined;
  }

  #remember(): void {
    void this.#memory.update(panelViewType, [...this.#open.keys()]);
  }
}

function titleOf(uri: vscode.Uri): string {
  return `Isoscope: ${path.posix.basename(uri.path)}`;
}
