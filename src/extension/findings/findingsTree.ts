import * as vscode from 'vscode';
import type { Finding, FindingKind, FindingsOfKind } from '../../core/protocol/findings';
import type { AnalysisRun } from '../runs/analysisRun';
import type { CurrentRun } from '../views/currentRun';
import type { FindingsOfRuns } from './findingsOfRuns';
import { countText, kindLabel, kindMeaning, messageText } from './findingText';

/** One line of the tree. */
type Node =
  | { readonly kind: 'group'; readonly run: AnalysisRun; readonly group: FindingsOfKind }
  | { readonly kind: 'finding'; readonly run: AnalysisRun; readonly finding: Finding; readonly row: number }
  | { readonly kind: 'remark'; readonly text: string; readonly icon: string };

/** Edits come by the keystroke. */
const LINES_DELAY_MS = 300;
const EXCERPT_LENGTH = 120;

const icons: Readonly<Record<FindingKind, string>> = {
  'zero-vector': 'circle-slash',
  truncated: 'ellipsis',
  'unknown-words': 'question',
  duplicate: 'files',
  'near-duplicate': 'copy',
  outlier: 'debug-breakpoint-unverified',
  hub: 'type-hierarchy',
  dominated: 'graph-line',
  'anti-hub': 'debug-disconnect',
};

/** The findings of the current document in the side bar, as text: kinds, then lines; a click reveals the line. */
export class FindingsTree implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  static readonly viewId = 'isoscope.findings';
  readonly #findings: FindingsOfRuns;
  readonly #current: CurrentRun;
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly #view: vscode.TreeView<Node>;
  readonly #watches: vscode.Disposable;
  #timer: NodeJS.Timeout | undefined;
  readonly onDidChangeTreeData = this.#changed.event;

  constructor(findings: FindingsOfRuns, current: CurrentRun, onLines: vscode.Event<AnalysisRun>) {
    this.#findings = findings;
    this.#current = current;
    this.#view = vscode.window.createTreeView(FindingsTree.viewId, { treeDataProvider: this, showCollapseAll: true });
    const refresh = (run?: AnalysisRun): void => {
      if (run === undefined || run === current.run) this.#changed.fire(undefined);
    };
    this.#watches = vscode.Disposable.from(
      this.#view,
      findings.onDidChange(refresh),
      current.onDidChange(() => refresh()),
      onLines((run) => {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => refresh(run), LINES_DELAY_MS);
      }),
    );
  }

  getChildren(parent?: Node): Node[] {
    const { run } = this.#current;
    if (parent?.kind === 'group') return this.#linesOf(parent.run, parent.group);
    if (parent !== undefined || run === undefined) return [];
    const state = this.#findings.of(run);
    switch (state?.kind) {
      case undefined:
        return [];
      case 'pending':
        return [{ kind: 'remark', text: vscode.l10n.t('Looking at the lines…'), icon: 'loading~spin' }];
      case 'failed':
        return [{ kind: 'remark', text: state.message, icon: 'error' }];
      case 'shown': {
        const { kinds, notes } = state.findings;
        const groups = kinds.map((group): Node => ({ kind: 'group', run, group }));
        const remarks = notes.map(({ message }): Node => ({ kind: 'remark', text: message, icon: 'info' }));
        const nothing: Node = {
          kind: 'remark',
          text: vscode.l10n.t('Nothing stands out among these lines.'),
          icon: 'check',
        };
        return [...(groups.length === 0 ? [nothing] : groups), ...remarks];
      }
    }
  }

  getTreeItem(node: Node): vscode.TreeItem {
    switch (node.kind) {
      case 'group':
        return groupItem(node.group);
      case 'finding':
        return findingItem(node);
      case 'remark': {
        const item = new vscode.TreeItem(node.text);
        item.iconPath = new vscode.ThemeIcon(node.icon);
        item.tooltip = node.text;
        return item;
      }
    }
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#watches.dispose();
    this.#changed.dispose();
  }

  #linesOf(run: AnalysisRun, group: FindingsOfKind): Node[] {
    return group.findings.flatMap((finding): Node[] => {
      const [row] = finding.rows;
      return row === undefined ? [] : [{ kind: 'finding', run, finding, row }];
    });
  }
}

function groupItem(group: FindingsOfKind): vscode.TreeItem {
  const item = new vscode.TreeItem(kindLabel(group.kind, vscode.l10n), vscode.TreeItemCollapsibleState.Collapsed);
  // Kept open over a re-analysis.
  item.id = group.kind;
  item.description = countText(group, vscode.l10n);
  item.iconPath = new vscode.ThemeIcon(icons[group.kind]);
  item.tooltip = kindMeaning(group.kind, vscode.l10n);
  item.contextValue = 'group';
  return item;
}

function findingItem({ run, finding, row }: Node & { readonly kind: 'finding' }): vscode.TreeItem {
  const ledger = run.analysed?.ledger;
  const lineOf = (other: number): number | null => ledger?.lineOf(other) ?? null;
  const line = lineOf(row);
  const sentence = excerpt(run.analysed?.question.sentences[row] ?? '');
  const message = messageText(finding, lineOf, vscode.l10n);
  const place = line === null ? vscode.l10n.t('deleted') : String(line + 1);
  const item = new vscode.TreeItem(`${place}  ${sentence}`);
  item.description = ledger?.isRowStale(row) === true ? vscode.l10n.t('edited since') : message;
  // Plain text: a sentence of the user's is never markup.
  item.tooltip = `${message}\n\n${sentence}`;
  item.accessibilityInformation = { label: `${vscode.l10n.t('Line {0}', place)}: ${sentence}. ${message}` };
  item.command = {
    command: 'isoscope.revealFinding',
    title: vscode.l10n.t('Go to Line'),
    arguments: [run.uri, row],
  };
  item.contextValue = 'finding';
  return item;
}

function excerpt(sentence: string): string {
  const oneLine = sentence.replace(/\s+/g, ' ').trim();
  return oneLine.length <= EXCERPT_LENGTH
    ? oneLine
    : `${oneLine.slice(0, EXCERPT_LENGTH - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
