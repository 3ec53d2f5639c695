import * as vscode from 'vscode';
import type { CurrentRun } from './currentRun';
import { PageConnection, type PageServices } from './pageConnection';
import { pageHtml, pageOptions } from './pageHtml';

/** The summary in the side bar: verdict, five numbers and a small spectrum of the current document. */
export class SidebarView implements vscode.WebviewViewProvider, vscode.Disposable {
  static readonly viewType = 'isoscope.summary';
  readonly #services: PageServices;
  readonly #current: CurrentRun;
  readonly #changed = new vscode.EventEmitter<void>();
  #view: vscode.WebviewView | undefined;
  /** it came into view or left it */
  readonly onDidChange = this.#changed.event;

  constructor(services: PageServices, current: CurrentRun) {
    this.#services = services;
    this.#current = current;
  }

  get isVisible(): boolean {
    return this.#view?.visible === true;
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    this.#view = view;
    const { extensionUri } = this.#services;
    view.webview.options = pageOptions(extensionUri);
    const connection = new PageConnection(
      { webview: view.webview, run: () => this.#current.run, column: () => undefined },
      this.#services,
    );
    const describe = (): void => void (view.description = this.#current.run?.title ?? '');
    const watches = vscode.Disposable.from(
      connection,
      view.onDidChangeVisibility(() => this.#changed.fire()),
      this.#current.onDidChange(() => {
        describe();
        connection.sendAll();
      }),
    );
    view.onDidDispose(() => {
      watches.dispose();
      this.#view = undefined;
      this.#changed.fire();
    });
    describe();
    view.webview.html = pageHtml(view.webview, extensionUri, 'summary');
    this.#changed.fire();
  }

  dispose(): void {
    this.#changed.dispose();
  }
}

/** The view that stands there before the first analysis; its text is the `viewsWelcome` of package.json. */
export function registerWelcomeView(): vscode.Disposable {
  return vscode.window.registerTreeDataProvider('isoscope.welcome', {
    getChildren: () => [],
    getTreeItem: () => new vscode.TreeItem(''),
  });
}
